package store

import (
	"context"
	"slices"

	"github.com/eitje/connexie-worker/internal/domain"
)

// heldByConnexie tells of a line l of an export whether Connexie holds it, or held it
// until a later export replaced it: its venue's import was committed.
const heldByConnexie = `(
	select v.state from connexie.export_venues v
	 where v.export_id = l.export_id and v.connexie_venue_id = l.connexie_venue_id) in ('committed', 'exported')`

// contractKey names a contract of Connexie as a team member holds it.
type contractKey struct{ teamMemberID, contractID string }

// placeLastExported tells of the held contracts that are gone from Connexie's list the
// last day that exported lines name them for. Where nothing is gone, which is nearly
// always, nothing is asked.
func placeLastExported(ctx context.Context, q querier, facts []domain.Facts) error {
	gone := goneContracts(facts)
	if len(gone) == 0 {
		return nil
	}
	last, err := lastExported(ctx, q, gone)
	if err != nil {
		return err
	}
	for _, held := range gone {
		held.contract.LastExported = last[held.key]
	}
	return nil
}

type goneContract struct {
	key      contractKey
	contract *domain.HeldContract
}

// goneContracts finds in every profile that may become a person's the contracts that
// the person's list lacks.
func goneContracts(facts []domain.Facts) []goneContract {
	var gone []goneContract
	for _, fact := range facts {
		listed := func(id string) bool {
			return slices.ContainsFunc(fact.Person.Contracts, func(c domain.Contract) bool { return c.ID == id })
		}
		profiles := slices.Clone(fact.Candidates)
		if fact.Decision != nil && fact.Decision.Profile != nil {
			profiles = append(profiles, *fact.Decision.Profile)
		}
		if fact.Profile != nil {
			profiles = []domain.Profile{*fact.Profile}
		}
		for _, profile := range profiles {
			for i := range profile.Contracts {
				contract := &profile.Contracts[i]
				if contract.ConnexieID != "" && !listed(contract.ConnexieID) {
					gone = append(gone, goneContract{contractKey{profile.ID, contract.ConnexieID}, contract})
				}
			}
		}
	}
	return gone
}

func lastExported(ctx context.Context, q querier, gone []goneContract) (map[contractKey]domain.Date, error) {
	const query = `
		select wanted.team_member_id, wanted.contract_id, max(l.day) as day
		  from (select distinct * from unnest(@team_members::uuid[], @contracts::text[])) as wanted(team_member_id, contract_id)
		 cross join lateral (
			   select * from connexie.export_lines
			    where team_member_id = wanted.team_member_id and contract_id = wanted.contract_id offset 0) l
		 where ` + heldByConnexie + `
		 group by wanted.team_member_id, wanted.contract_id`
	type row struct {
		TeamMemberID string
		ContractID   string
		Day          domain.Date
	}
	var members, contracts []string
	for _, held := range gone {
		members, contracts = append(members, held.key.teamMemberID), append(contracts, held.key.contractID)
	}
	rows, err := collect[row](ctx, q, "read what was exported under contracts that are gone", query,
		args{"team_members": members, "contracts": contracts})
	last := make(map[contractKey]domain.Date, len(rows))
	for _, r := range rows {
		last[contractKey{r.TeamMemberID, r.ContractID}] = r.Day
	}
	return last, err
}
