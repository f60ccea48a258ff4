package sandbox

import "net/http"

func (s *Sandbox) adminAccounts(*http.Request) (any, error) {
	type row struct {
		ID          string       `json:"id"`
		Name        string       `json:"name"`
		HasToken    bool         `json:"has_token"`
		Permissions []Permission `json:"permissions"`
		Venues      int          `json:"venues"`
		WageCodes   int          `json:"wage_codes"`
		Employees   int          `json:"employees"`
	}
	rows := []row{}
	for _, id := range s.AccountIDs() {
		described := row{ID: id, HasToken: s.hasToken(id)}
		_ = s.change(id, func(a *account) error { // accounts are never removed
			described.Name = a.name
			described.Permissions = append([]Permission{}, a.permissions...)
			described.Venues = len(a.venues.records)
			described.WageCodes = len(a.wageCodes.records)
			described.Employees = len(a.people.records)
			return nil
		})
		rows = append(rows, described)
	}
	return rows, nil
}

func (s *Sandbox) hasToken(accountID string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, owner := range s.tokens {
		if owner.id == accountID {
			return true
		}
	}
	return false
}

func (s *Sandbox) adminSetToken(r *http.Request) (any, error) {
	body, err := adminBody[struct {
		Token string `json:"token"`
	}](r)
	if err != nil {
		return nil, err
	}
	if body.Token == "" {
		return nil, invalid("/token", "required; DELETE revokes")
	}
	return nil, s.SetToken(r.PathValue("account"), body.Token)
}

func (s *Sandbox) adminRevokeToken(r *http.Request) (any, error) {
	return nil, s.SetToken(r.PathValue("account"), "")
}

func (s *Sandbox) adminSetPermissions(r *http.Request) (any, error) {
	permissions, err := adminBody[[]Permission](r)
	if err != nil {
		return nil, err
	}
	return nil, s.SetPermissions(r.PathValue("account"), permissions...)
}

func (s *Sandbox) adminGetEmployee(r *http.Request) (any, error) {
	return s.Employee(r.PathValue("account"), r.PathValue("id"))
}

// adminPutEmployee takes the id from the path; the body may repeat it.
func (s *Sandbox) adminPutEmployee(r *http.Request) (any, error) {
	employee, err := adminBody[Employee](r)
	if err != nil {
		return nil, err
	}
	if err := sameID(r, &employee.ID); err != nil {
		return nil, err
	}
	if err := s.PutEmployee(r.PathValue("account"), employee); err != nil {
		return nil, err
	}
	return s.adminGetEmployee(r)
}

func (s *Sandbox) adminPatchEmployee(r *http.Request) (any, error) {
	patch, err := adminRaw(r)
	if err != nil {
		return nil, err
	}
	return s.PatchEmployee(r.PathValue("account"), r.PathValue("id"), patch, r.URL.Query()["absent"]...)
}

func (s *Sandbox) adminPatchContract(r *http.Request) (any, error) {
	patch, err := adminRaw(r)
	if err != nil {
		return nil, err
	}
	return s.PatchContract(r.PathValue("account"), r.PathValue("id"), r.PathValue("contract"),
		patch, r.URL.Query()["absent"]...)
}

func (s *Sandbox) adminRemoveEmployee(r *http.Request) (any, error) {
	return nil, s.RemoveEmployee(r.PathValue("account"), r.PathValue("id"))
}

func (s *Sandbox) adminPutVenue(r *http.Request) (any, error) {
	venue, err := adminBody[Venue](r)
	if err != nil {
		return nil, err
	}
	if err := sameID(r, &venue.ID); err != nil {
		return nil, err
	}
	return venue, s.PutVenue(r.PathValue("account"), venue)
}

func (s *Sandbox) adminRemoveVenue(r *http.Request) (any, error) {
	return nil, s.RemoveVenue(r.PathValue("account"), r.PathValue("id"))
}

func (s *Sandbox) adminPutWageCode(r *http.Request) (any, error) {
	code, err := adminBody[WageCode](r)
	if err != nil {
		return nil, err
	}
	if err := sameID(r, &code.Code); err != nil {
		return nil, err
	}
	return code, s.PutWageCode(r.PathValue("account"), code)
}

func (s *Sandbox) adminRemoveWageCode(r *http.Request) (any, error) {
	return nil, s.RemoveWageCode(r.PathValue("account"), r.PathValue("id"))
}

func (s *Sandbox) adminPutPeriod(r *http.Request) (any, error) {
	period, err := adminBody[PayrollPeriod](r)
	if err != nil {
		return nil, err
	}
	if err := sameID(r, &period.ID); err != nil {
		return nil, err
	}
	return period, s.PutPayrollPeriod(r.PathValue("account"), period)
}

// sameID fills the id of a body from the path and refuses another one.
func sameID(r *http.Request, id *string) error {
	if *id == "" {
		*id = r.PathValue("id")
	}
	if *id != r.PathValue("id") {
		return invalid("/id", "differs from that in the path")
	}
	return nil
}
