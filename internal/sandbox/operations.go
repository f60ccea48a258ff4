package sandbox

import (
	"net/http"
	"strings"
)

// operation is one operation of the contract that the sandbox has.
type operation struct {
	id         string
	method     string
	path       string // with {id} for the one segment that varies
	parameters []string
	permission Permission // "" where any token of the account will do
	handle     func(*call) (*answer, error)
}

var operations = []operation{
	{id: "getAccount", method: http.MethodGet, path: "/account", handle: (*call).getAccount},
	{id: "listVenues", method: http.MethodGet, path: "/venues",
		parameters: []string{"cursor", "limit"}, handle: (*call).listVenues},
	{id: "listWageCodes", method: http.MethodGet, path: "/wage-codes",
		parameters: []string{"cursor", "limit"}, handle: (*call).listWageCodes},
	{id: "listEmployees", method: http.MethodGet, path: "/employees",
		parameters: []string{"cursor", "limit", "modified_since"},
		permission: EmployeesRead, handle: (*call).listEmployees},
	{id: "getEmployee", method: http.MethodGet, path: "/employees/{id}",
		permission: EmployeesRead, handle: (*call).getEmployee},
	{id: "endEmployment", method: http.MethodPut, path: "/employees/{id}/employment-end",
		permission: EmploymentWrite, handle: (*call).endEmployment},
	{id: "listPayrollPeriods", method: http.MethodGet, path: "/payroll-periods",
		parameters: []string{"venue_id", "from", "to"}, handle: (*call).listPayrollPeriods},
}

// route finds the operation of a request below /v1, and the id in its path.
func route(method, path string) (*operation, string, *problem) {
	var allowed []string
	for i := range operations {
		id, ok := match(operations[i].path, path)
		if !ok {
			continue
		}
		if operations[i].method == method {
			return &operations[i], id, nil
		}
		allowed = append(allowed, operations[i].method)
	}
	if allowed == nil {
		return nil, "", newProblem(http.StatusNotFound, "no such path")
	}
	refused := newProblem(http.StatusMethodNotAllowed, "this path takes "+strings.Join(allowed, ", "))
	refused.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
	return nil, "", refused
}

func match(pattern, path string) (id string, ok bool) {
	before, behind, varies := strings.Cut(pattern, "{id}")
	if !varies {
		return "", pattern == path
	}
	rest, found := strings.CutPrefix(path, before)
	if !found {
		return "", false
	}
	id, found = strings.CutSuffix(rest, behind)
	return id, found && id != "" && !strings.Contains(id, "/")
}
