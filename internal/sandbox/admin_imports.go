package sandbox

import "net/http"

func (s *Sandbox) adminLedger(r *http.Request) (any, error) {
	query, wrong := readQuery(r.URL.RawQuery, []string{"venue_id", "from", "to"})
	if wrong != nil {
		return nil, wrong
	}
	for _, name := range []string{"from", "to"} {
		if _, err := ParseDate(query.Get(name)); query.Has(name) && err != nil {
			return nil, invalid(name, "not a day as yyyy-mm-dd")
		}
	}
	return s.Ledger(r.PathValue("account"), query.Get("venue_id"), Date(query.Get("from")), Date(query.Get("to")))
}

func (s *Sandbox) adminHourImports(r *http.Request) (any, error) {
	return s.HourImports(r.PathValue("account"))
}

func (s *Sandbox) adminRunPayroll(r *http.Request) (any, error) {
	run, err := adminBody[PayrollRun](r)
	if err != nil {
		return nil, err
	}
	return nil, s.RunPayroll(r.PathValue("account"), run.VenueID, run.From, run.To)
}
