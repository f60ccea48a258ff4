package connexie

import (
	"context"
	"net/http"

	"github.com/eitje/connexie-worker/internal/domain"
)

// EmploymentEnd is the end of an employment as Connexie is asked for it.
type EmploymentEnd struct {
	// Day is the last day of the employment.
	Day domain.Date
	// Reason is free text of at most 200 characters; may be empty.
	Reason string
}

// employmentEndBody is what goes out.
type employmentEndBody struct {
	EndDate string `json:"end_date"`
	Reason  string `json:"reason,omitempty"`
}

// EndEmployment ends the employment and returns the person as it is afterwards.
// Doing it again with the same end changes nothing. After an error that leaves the
// outcome open (CodeUnreachable, CodeServerError, CodeProtocol, CodeBadRecord)
// GetEmployee tells. CodeForbidden is the usual answer to a token that lacks
// PermissionWriteEmployment (E2).
func (a *Account) EndEmployment(ctx context.Context, id string, end EmploymentEnd) (domain.Person, error) {
	c := call{
		op:      "end employment",
		subject: id,
		method:  http.MethodPut,
		path:    []string{employeesPath, id, "employment-end"},
		body:    employmentEndBody{EndDate: end.Day.String(), Reason: end.Reason},
		accept:  []int{http.StatusOK},
	}
	switch {
	case !validID(id):
	case end.Day.IsZero():
		return domain.Person{}, c.fails(CodeInvalidArgument, "the end date is missing")
	case textFault(end.Reason) != "":
		return domain.Person{}, c.fails(CodeInvalidArgument, "reason: "+textFault(end.Reason))
	}
	return a.person(ctx, c)
}
