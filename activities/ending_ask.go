package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// EndingInConnexie holds the activity of an ending that calls Connexie.
type EndingInConnexie struct {
	Store    *store.Store
	Accounts Accounts
	// Now is the clock.
	Now func() time.Time
}

// AskConnexieInput asks Connexie about the person whose employment ends.
type AskConnexieInput struct {
	Run EndingRun `json:"run"`
	// EndThere does step one where Connexie has no end of the employment yet and the
	// token may (E2).
	EndThere bool `json:"end_there,omitempty"`
	// EndDate is another last day that somebody asks for; empty to keep it.
	EndDate domain.Date `json:"end_date,omitzero"`
	// Reminder is the number of the reminder whose time has come; zero for none.
	Reminder int `json:"reminder,omitempty"`
}

// AskConnexie reads the person from Connexie into the mirror, ends the employment there
// where that is asked for and the token may (E2), and tells where the ending stands then,
// as LookAtEnding does. A token that may not, or an end date that Connexie does not take,
// is no failure: somebody must do step one by hand. A date that cannot be changed changes
// nothing, and Problem says why.
//
// It may be repeated: what an attempt whose answer was lost did is found by reading.
// Errors: InvalidInput (no such connection, or one that is not active),
// ConnexieTokenRefused, ConnexieForbidden (the token may not even read),
// ConnexieRateLimited, ConnexieUnavailable, ConnexieProtocol, Database.
func (a *EndingInConnexie) AskConnexie(ctx context.Context, in AskConnexieInput) (EndingStanding, error) {
	if _, err := usableConnection(ctx, a.Store, in.Run.ConnectionID, begunEnding(ctx, a.Store, in.Run)); err != nil {
		return EndingStanding{}, err
	}
	ending, err := a.Store.Ending(ctx, in.Run.ID)
	if err != nil {
		return EndingStanding{}, fromStore(err)
	}
	if ending.Closed() {
		return endingStanding(store.EndingStanding{Ending: ending}), nil
	}
	asking := asking{EndingInConnexie: a, in: in, ending: ending}
	reading := &Reading{Store: a.Store, Accounts: a.Accounts, Now: a.Now}
	account, token, err := reading.account(ctx, in.Run.ConnectionID, a.Accounts.Account)
	if err != nil {
		return EndingStanding{}, err
	}
	if err := asking.ask(ctx, account); err != nil {
		return EndingStanding{}, reading.noteRefusal(ctx, in.Run.ConnectionID, token, err)
	}
	return asking.conclude(ctx)
}

// asking is one attempt at asking about one person.
type asking struct {
	*EndingInConnexie

	in     AskConnexieInput
	ending store.Ending
	person domain.Person
	// gone tells that Connexie does not know the id.
	gone bool
	// byHand tells that Connexie did not let the token do step one; refusal why, where
	// that is not for want of a permission.
	byHand  bool
	refusal string
}

// lastDay is the last day that is asked for now.
func (a *asking) lastDay() domain.Date {
	if a.in.EndDate.IsZero() {
		return a.ending.EndDate
	}
	return a.in.EndDate
}

func (a *asking) ask(ctx context.Context, account Account) (err error) {
	id := a.ending.ConnexieID
	a.person, err = account.GetEmployee(ctx, id)
	switch {
	case codeOf(err) == connexie.CodeNotFound:
		a.gone = true
		return nil
	case err != nil:
		return fromConnexie("read person "+id, err)
	case !a.mayEnd():
		return nil
	}
	return a.end(ctx, account)
}

// mayEnd reports whether step one is to be done: not where Connexie has an end already,
// unless somebody asks for another day, and never for an employment that was opened again
// (E5).
func (a *asking) mayEnd() bool {
	employment, day := a.person.Employment, a.lastDay()
	dated := !employment.End.IsZero()
	switch {
	case !employment.ActiveOn(domain.DayOf(a.Now())), day.Before(employment.Start), employment.End == day:
		return false
	case a.ending.Stage == domain.EndingWaitsForDate:
		return dated && !a.in.EndDate.IsZero()
	}
	return a.in.EndThere && (!dated || !a.in.EndDate.IsZero())
}

func (a *asking) end(ctx context.Context, account Account) error {
	id := a.ending.ConnexieID
	ended, err := account.EndEmployment(ctx, id, connexie.EmploymentEnd{Day: a.lastDay(), Reason: a.in.Run.Reason})
	switch codeOf(err) {
	case connexie.CodeForbidden:
		a.byHand = true
		return nil
	case connexie.CodeValidationFailed:
		a.byHand = true
		a.refusal = fmt.Sprintf("Connexie does not take %s as the last day. Look at the person in Connexie, and end the employment there.", a.lastDay())
		return nil
	}
	if err != nil {
		return fromConnexie("end the employment of person "+id, err)
	}
	a.person = ended
	return nil
}

// conclude keeps what Connexie said and tells where the ending stands.
func (a *asking) conclude(ctx context.Context) (EndingStanding, error) {
	look := store.EndingLook{ID: a.in.Run.ID, Reminder: a.in.Reminder, Gone: &a.gone}
	if !a.gone {
		if err := a.keep(ctx); err != nil {
			return EndingStanding{}, fromStore(err)
		}
	}
	problem := a.unchanged()
	if problem == "" {
		look.EndDate = a.in.EndDate
	}
	looked, err := a.Store.LookAtEnding(ctx, look, a.Now())
	if err != nil {
		return EndingStanding{}, fromStore(err)
	}
	standing := endingStanding(looked)
	standing.ByHand, standing.Problem = a.byHand, problem
	if standing.Outcome == domain.EndingRefused {
		standing.Problem = domain.EndingRefusal(standing.Reason, looked.Ending.Ending, looked.Employment.Start)
	}
	return standing, nil
}

// keep writes the person into the mirror, as a run of one person does.
func (a *asking) keep(ctx context.Context) error {
	page := store.MirrorPage{ConnectionID: a.in.Run.ConnectionID, People: []domain.Person{a.person}}
	if _, err := a.Store.SavePage(ctx, page); err != nil {
		return err
	}
	return a.Store.SeePerson(ctx, a.in.Run.ConnectionID, a.ending.ConnexieID)
}

// unchanged says why the last day cannot be the one that somebody asks for; empty where
// it can, or nobody asks.
func (a *asking) unchanged() string {
	employment, day := a.person.Employment, a.in.EndDate
	switch {
	case day.IsZero(), employment.End == day:
		return a.refusal
	case a.gone:
		return "Connexie no longer has this person, so that there is no end date to change."
	case day.Before(employment.Start):
		return domain.EndingRefusal(domain.EndingBeforeStart, domain.Ending{
			ConnectionID: a.in.Run.ConnectionID, TeamMemberID: a.in.Run.TeamMemberID, EndDate: day,
		}, employment.Start)
	case !employment.ActiveOn(domain.DayOf(a.Now())):
		return "The employment has ended in Connexie: its end date is changed there, and then seen by a check."
	case !employment.End.IsZero():
		return fmt.Sprintf("Connexie has %s as the last day, and the token may not change that: change it in Connexie, then check.",
			employment.End)
	}
	return a.refusal
}

// StepAfterAsking is what somebody can do where Connexie could not be asked about a
// person, by the type of the error.
func StepAfterAsking(kind string) string {
	switch kind {
	case ErrorTokenRefused:
		return "set a new token with: starter activate. The next sync sees what was done in Connexie."
	case ErrorForbidden:
		return "grant the token employees.read in Connexie."
	case ErrorInvalidInput:
		return "the connection is not active; see: starter status."
	case ErrorProtocol:
		return "Connexie's answer breaks its contract; report it to Connexie's support."
	}
	return "it is tried again; the next sync sees what was done in Connexie."
}
