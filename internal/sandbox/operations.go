package sandbox

import (
	"net/http"
	"strings"
)

// operation is one operation of the contract that the sandbox has.
type operation struct {
	id         string
	method     string
	path       string // with {id} and {part} for segments that vary
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
	{id: "createHourImport", method: http.MethodPost, path: "/hour-imports",
		permission: ImportsWrite, handle: (*call).createHourImport},
	{id: "getHourImport", method: http.MethodGet, path: "/hour-imports/{id}",
		permission: ImportsWrite, handle: (*call).getHourImport},
	{id: "discardHourImport", method: http.MethodDelete, path: "/hour-imports/{id}",
		permission: ImportsWrite, handle: (*call).discardHourImport},
	{id: "putHourImportPart", method: http.MethodPut, path: "/hour-imports/{id}/parts/{part}",
		permission: ImportsWrite, handle: (*call).putHourImportPart},
	{id: "commitHourImport", method: http.MethodPost, path: "/hour-imports/{id}/commit",
		permission: ImportsWrite, handle: (*call).commitHourImport},
}

// pathValues are the segments of a path that vary, "" where it has none.
type pathValues struct{ id, part string }

// route finds the operation of a request below /v1, and what varies in its path.
func route(method, path string) (*operation, pathValues, *problem) {
	var allowed []string
	for i := range operations {
		values, ok := match(operations[i].path, path)
		if !ok {
			continue
		}
		if operations[i].method == method {
			return &operations[i], values, nil
		}
		allowed = append(allowed, operations[i].method)
	}
	if allowed == nil {
		return nil, pathValues{}, newProblem(http.StatusNotFound, "no such path")
	}
	refused := newProblem(http.StatusMethodNotAllowed, "this path takes "+strings.Join(allowed, ", "))
	refused.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
	return nil, pathValues{}, refused
}

func match(pattern, path string) (pathValues, bool) {
	var values pathValues
	wanted, given := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return values, false
	}
	for i, segment := range wanted {
		varies := true
		switch segment {
		case "{id}":
			values.id = given[i]
		case "{part}":
			values.part = given[i]
		default:
			varies = false
		}
		if varies && given[i] == "" || !varies && given[i] != segment {
			return values, false
		}
	}
	return values, true
}
