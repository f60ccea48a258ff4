package sandbox

import "net/http"

func (s *Sandbox) adminFaults(*http.Request) (any, error) { return s.Faults(), nil }

func (s *Sandbox) adminAddFault(r *http.Request) (any, error) {
	fault, err := adminBody[Fault](r)
	if err != nil {
		return nil, err
	}
	id, err := s.AddFault(fault)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

func (s *Sandbox) adminRemoveFault(r *http.Request) (any, error) {
	return nil, s.RemoveFault(r.PathValue("id"))
}

func (s *Sandbox) adminClearFaults(*http.Request) (any, error) {
	s.ClearFaults()
	return nil, nil
}

func (s *Sandbox) adminCalls(r *http.Request) (any, error) {
	query, wrong := readQuery(r.URL.RawQuery, []string{"account", "operation"})
	if wrong != nil {
		return nil, wrong
	}
	return s.Calls(query.Get("account"), query.Get("operation")), nil
}

func (s *Sandbox) adminCounters(*http.Request) (any, error) { return s.Counters(), nil }

func (s *Sandbox) adminClearCalls(*http.Request) (any, error) {
	s.ClearCalls()
	return nil, nil
}
