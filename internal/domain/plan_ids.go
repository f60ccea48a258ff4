package domain

// AssignIDs gives a created profile and new contracts their ids, also in the
// changes that speak of them. newID must return a fresh UUID each time.
func (p *Plan) AssignIDs(newID func() string) {
	if p.Profile != nil && p.Profile.ID == "" {
		p.Profile.ID = newID()
	}
	for i := range p.WriteContracts {
		if p.WriteContracts[i].ID == "" {
			p.WriteContracts[i].ID = newID()
			p.nameContract(p.WriteContracts[i])
		}
	}
	p.nameChanges()
	p.nameDuplicate()
}

// nameContract gives the contract of Profile the id of the one that is written.
func (p *Plan) nameContract(written HeldContract) {
	for i := range p.Profile.Contracts {
		if p.Profile.Contracts[i].ConnexieID == written.ConnexieID {
			p.Profile.Contracts[i].ID = written.ID
		}
	}
}

// nameChanges fills in the ids that changes of new objects could not know.
func (p *Plan) nameChanges() {
	for i := range p.Changes {
		change := &p.Changes[i]
		if change.ObjectID != "" {
			continue
		}
		switch change.Object {
		case ObjectContract:
			change.ObjectID = p.contractID(change.After)
		default:
			change.ObjectID = p.Profile.ID
		}
	}
}

func (p *Plan) contractID(connexieID string) string {
	for _, contract := range p.WriteContracts {
		if contract.ConnexieID == connexieID {
			return contract.ID
		}
	}
	return ""
}
