package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
)

var (
	errNoToken = errors.New("no bearer token")

	idForm      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	decimalForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,4})?$`)

	// taggedLists send an ETag with their first page.
	taggedLists = []string{"listVenues", "listWageCodes", "listEmployees"}
	idMembers   = []string{"id", "venue_id", "employee_id", "contract_id"}
	decimals    = []string{"hours_per_week", "hourly_wage", "quantity"}
	dates       = []string{"start_date", "end_date", "date_of_birth", "date", "period_start", "period_end"}
)

// checkQuery refuses parameters that the operation does not have: a schema
// looks only for those it knows.
func checkQuery(input *openapi3filter.RequestValidationInput) error {
	known := slices.Concat(input.Route.PathItem.Parameters, input.Route.Operation.Parameters)
	for name, values := range input.Request.URL.Query() {
		parameter := known.GetByInAndName("query", name)
		if parameter == nil {
			return fmt.Errorf("parameter %s: not of this operation", name)
		}
		if len(values) > 1 {
			return fmt.Errorf("parameter %s: given more than once", name)
		}
		if parameter.Schema.Value.Format == "date" && !isDay(values[0]) {
			return fmt.Errorf("parameter %s: no such day", name)
		}
	}
	return nil
}

// checkConventions holds a response to what the contract says in words.
func checkConventions(operation string, exchange Exchange) error {
	tagged := slices.Contains(taggedLists, operation) && !exchange.Request.URL.Query().Has("cursor")
	switch status := exchange.Status; {
	case status == http.StatusNotModified:
		return checkNotModified(tagged, exchange)
	case status >= http.StatusBadRequest:
		return checkProblem(exchange)
	case tagged && exchange.Header.Get("ETag") == "":
		return errors.New("the first page carries no ETag")
	}
	return checkBody(exchange.ResponseBody)
}

// checkBody takes an empty body: whether there must be one the schema says.
func checkBody(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	var body any
	if err := json.Unmarshal(data, &body); err != nil {
		return errors.New("the body is not JSON")
	}
	return checkForms("", body)
}

func checkNotModified(tagged bool, exchange Exchange) error {
	if !tagged || exchange.Request.Header.Get("If-None-Match") == "" {
		return errors.New("304 answers only the first page of a list, asked with If-None-Match")
	}
	if len(exchange.ResponseBody) > 0 {
		return errors.New("304 carries a body")
	}
	return nil
}

func checkProblem(exchange Exchange) error {
	var problem struct {
		Status int    `json:"status"`
		Code   string `json:"code"`
	}
	if err := json.Unmarshal(exchange.ResponseBody, &problem); err != nil {
		return errors.New("the body is not JSON")
	}
	if problem.Status != exchange.Status {
		return fmt.Errorf("the problem says %d", problem.Status)
	}
	if problem.Code == "" {
		return errors.New("the problem has no code")
	}
	if exchange.Status == http.StatusTooManyRequests {
		if seconds, err := strconv.Atoi(exchange.Header.Get("Retry-After")); err != nil || seconds < 0 {
			return errors.New("Retry-After is missing or not in seconds")
		}
	}
	return nil
}

// checkForms walks a body for ids, decimals and days; the schema's `date` is
// a form that the 30th of February has too. Errors name the place, never the
// value.
func checkForms(path string, value any) error {
	switch holder := value.(type) {
	case []any:
		for i, item := range holder {
			if err := checkForms(fmt.Sprintf("%s/%d", path, i), item); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, member := range holder {
			if err := checkForm(name, member); err != nil {
				return fmt.Errorf("%s/%s: %w", path, name, err)
			}
			if err := checkForms(path+"/"+name, member); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkForm(name string, member any) error {
	text, isText := member.(string)
	switch {
	case !isText: // null, or for the schema to refuse
		return nil
	case slices.Contains(idMembers, name) && !idForm.MatchString(text):
		return errors.New("not an id")
	case slices.Contains(decimals, name) && !decimalForm.MatchString(text):
		return errors.New("not a decimal")
	case slices.Contains(dates, name) && !isDay(text):
		return errors.New("no such day")
	default:
		return nil
	}
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}
