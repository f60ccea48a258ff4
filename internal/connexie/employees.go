package connexie

import (
	"context"
	"net/http"

	"github.com/eitje/connexie-worker/internal/domain"
)

const employeesPath = "employees"

// PeoplePage is one page of the account's people, ended employments included, in
// the order of their ids.
type PeoplePage struct {
	// NotModified answers a request with an ETag: nothing in the whole list has
	// changed, and the page is empty.
	NotModified bool
	// ETag stands for the whole list. It comes with the first page, may be empty,
	// and is worth keeping only once the list was read to its end.
	ETag string
	// Next asks for the page that follows; empty on the last one, and only there
	// (S14).
	Next string
	// People may hold someone whom an earlier page held too: a list that is read
	// page by page is no snapshot.
	People []domain.Person
	// Bad holds the items that could not be read (S15).
	Bad []BadRecord
}

// ListEmployees reads one page.
func (a *Account) ListEmployees(ctx context.Context, request PageRequest) (PeoplePage, error) {
	p, err := listPage(ctx, a, request, "list employees", employeesPath, readPerson)
	if err != nil {
		return PeoplePage{}, err
	}
	return PeoplePage{NotModified: p.notModified, ETag: p.etag, Next: p.next, People: p.items, Bad: p.bad}, nil
}

// GetEmployee reads one person. CodeNotFound says that Connexie does not know the
// id, CodeBadRecord that the record cannot be read, with the member in Reason.
func (a *Account) GetEmployee(ctx context.Context, id string) (domain.Person, error) {
	return a.person(ctx, call{
		op:      "get employee",
		subject: id,
		method:  http.MethodGet,
		path:    []string{employeesPath, id},
		accept:  []int{http.StatusOK},
	})
}

// person makes a call about one person that answers with that person.
func (a *Account) person(ctx context.Context, c call) (domain.Person, error) {
	id := c.subject
	if !validID(id) {
		c.subject = ""
		return domain.Person{}, c.fails(CodeInvalidArgument, "the id is not one of Connexie")
	}
	got, err := a.do(ctx, c)
	if err != nil {
		return domain.Person{}, err
	}
	var r reading
	person, found := readPerson(&r, got.body)
	switch {
	case found != "" && found != id:
		return domain.Person{}, got.breaks("id: another person than was asked for")
	case r.failed():
		return domain.Person{}, got.fails(CodeBadRecord, r.reason())
	}
	return person, nil
}
