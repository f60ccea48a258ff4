package activities

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// EndingRun says which ending an activity works for. It travels with every call and
// each activity finds the ending by it, so that nothing is kept between them.
type EndingRun struct {
	// ID is derived from the workflow (a UUIDv5).
	ID           string `json:"ending_id"`
	ConnectionID string `json:"connection_id"`
	TeamMemberID string `json:"team_member_id"`
	WorkflowID   string `json:"workflow_id"`
	// EndDate is the last day that was asked for when the ending was started.
	EndDate domain.Date `json:"end_date"`
	// Reason is a code; what somebody writes in words of their own stays in the store.
	Reason      string `json:"reason,omitempty"`
	RequestedBy string `json:"requested_by"`
}

// EndingStanding is where an ending stands.
type EndingStanding struct {
	Stage   domain.EndingStage `json:"stage"`
	EndDate domain.Date        `json:"end_date"`
	// NextAt is when it must be looked at again; zero once it is over.
	NextAt time.Time `json:"next_at,omitzero"`
	// Reminders counts how often somebody was reminded in this stage.
	Reminders int `json:"reminders"`
	// Automatic tells that step two needs no confirmation (E4).
	Automatic bool `json:"automatic,omitempty"`
	// ByHand tells that the token may not do step one, so that a person must (E2).
	ByHand bool `json:"by_hand,omitempty"`
	// ConfirmedBy did step two, or had it done; empty before.
	ConfirmedBy string               `json:"confirmed_by,omitempty"`
	Outcome     domain.EndingOutcome `json:"outcome,omitempty"`
	Reason      domain.EndingReason  `json:"reason,omitempty"`
	// Problem says in sentences why what was asked for was not done, with ids and dates
	// alone.
	Problem        string `json:"problem,omitempty"`
	OrganisationID string `json:"organisation_id,omitempty"`
	// Counts is what is left once step two is done (E6): future_shifts, unapproved and
	// unexported.
	Counts domain.Counts `json:"counts"`
}

func endingStanding(of store.EndingStanding) EndingStanding {
	ending := of.Ending
	standing := EndingStanding{
		Stage: ending.Stage, EndDate: ending.EndDate, NextAt: ending.NextAt.UTC(), Reminders: ending.Reminders,
		Automatic: of.Automatic, ConfirmedBy: ending.ConfirmedBy, Outcome: ending.Outcome, Reason: ending.OutcomeReason,
		Counts: domain.Counts{},
	}
	if ending.NextAt.IsZero() {
		standing.NextAt = time.Time{}
	}
	if !ending.EndedAt.IsZero() {
		standing.Counts = ending.Remains.Counts()
	}
	return standing
}

// Endings holds the activities of an ending that need the store alone.
type Endings struct {
	Store *store.Store
	// Now is the clock.
	Now func() time.Time
}

// OpenEnding opens the ending, or finds it. Who is unknown, of another organisation, not
// linked or ended already is refused, and an end date that cannot be: that is a result,
// and nothing is changed.
//
// It may be repeated. Errors: InvalidInput (no such connection, or one that is not
// active), Database.
func (a *Endings) OpenEnding(ctx context.Context, in EndingRun) (EndingStanding, error) {
	connection, err := usableConnection(ctx, a.Store, in.ConnectionID, begunEnding(ctx, a.Store, in))
	if err != nil {
		return EndingStanding{}, err
	}
	opened, err := a.Store.OpenEnding(ctx, store.EndingOpening{
		ID: in.ID, ConnectionID: in.ConnectionID, TeamMemberID: in.TeamMemberID, WorkflowID: in.WorkflowID,
		EndDate: in.EndDate, Reason: in.Reason, RequestedBy: in.RequestedBy,
	}, a.Now())
	if err != nil {
		return EndingStanding{}, fromStore(err)
	}
	standing := endingStanding(store.EndingStanding{Ending: opened.Ending})
	if opened.Refused != "" {
		standing = refusedEnding(in, opened.Refused, opened.Start)
	}
	standing.OrganisationID = connection.OrganisationID
	return standing, nil
}

// begunEnding asks whether the ending has been opened: then it goes on while its connection
// is paused (C9).
func begunEnding(ctx context.Context, s *store.Store, in EndingRun) func() error {
	return func() error {
		_, err := s.Ending(ctx, in.ID)
		return err
	}
}

func refusedEnding(in EndingRun, reason domain.EndingReason, start domain.Date) EndingStanding {
	asked := domain.Ending{ConnectionID: in.ConnectionID, TeamMemberID: in.TeamMemberID, EndDate: in.EndDate}
	return EndingStanding{
		Stage: domain.EndingClosed, EndDate: in.EndDate, Outcome: domain.EndingRefused, Reason: reason,
		Problem: domain.EndingRefusal(reason, asked, start), Counts: domain.Counts{},
	}
}

// LookAtEndingInput asks where an ending stands.
type LookAtEndingInput struct {
	Run EndingRun `json:"run"`
	// Reminder is the number of the reminder whose time has come; zero for none.
	Reminder int `json:"reminder,omitempty"`
}

// LookAtEnding tells where an ending stands from what the mirror and Eitje hold now, and
// ends it where it is over (E3, E5, E6). Looking again changes nothing; a reminder goes
// out once for its number. Errors: Database.
func (a *Endings) LookAtEnding(ctx context.Context, in LookAtEndingInput) (EndingStanding, error) {
	standing, err := a.Store.LookAtEnding(ctx, store.EndingLook{ID: in.Run.ID, Reminder: in.Reminder}, a.Now())
	return endingStanding(standing), fromStore(err)
}

// EndInEitjeInput asks for step two.
type EndInEitjeInput struct {
	Run EndingRun `json:"run"`
	// By is who confirms, a person or program.
	By string `json:"by"`
}

// EndInEitje does step two: the profile is deactivated, with audit lines and
// notifications, in one transaction. While Connexie shows the employment as active it is
// refused with the reason (E1), which is a result. Doing it again changes nothing.
// Errors: Database.
func (a *Endings) EndInEitje(ctx context.Context, in EndInEitjeInput) (EndingStanding, error) {
	done, err := a.Store.EndInEitje(ctx, in.Run.ID, in.By, a.Now())
	standing := endingStanding(done)
	if done.Refused {
		standing.Problem = domain.EndInEitjeRefusal(done.Ending.Ending, done.Employment)
	}
	return standing, fromStore(err)
}

// WithdrawEndingInput ends an ending before its time.
type WithdrawEndingInput struct {
	Run EndingRun `json:"run"`
	By  string    `json:"by"`
	// Reason is a code.
	Reason domain.EndingReason `json:"reason"`
}

// WithdrawEnding ends an ending before its time. Nothing is opened again in Connexie:
// where the employment has an end there, somebody is told. One that is over stays as it
// ended. Errors: Database.
func (a *Endings) WithdrawEnding(ctx context.Context, in WithdrawEndingInput) (EndingStanding, error) {
	standing, err := a.Store.WithdrawEnding(ctx, in.Run.ID, in.By, in.Reason, a.Now())
	return endingStanding(standing), fromStore(err)
}
