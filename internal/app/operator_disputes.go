package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Where a dispute stands now; the queue is as the last run left it.
const (
	// DisputeWaiting waits for somebody's decision.
	DisputeWaiting = "waiting"
	// DisputeSkipped is left out by somebody's decision.
	DisputeSkipped = "skipped"
	// DisputeDecided is decided, and the next sync follows.
	DisputeDecided = "decided"
	// DisputeOnHold is about somebody who is on hold (S21).
	DisputeOnHold = "on_hold"
	// DisputeSettled is none any more.
	DisputeSettled = "settled"
)

// DisputeLine is one person in the queue of disputes (S6). It carries ids alone.
type DisputeLine struct {
	ConnexieID string `json:"connexie_id"`
	State      string `json:"state"`
	// Reason is why the person is disputed, or would be if nobody had decided.
	Reason     domain.Reason    `json:"reason,omitempty"`
	Since      time.Time        `json:"since,omitzero"`
	Candidates []string         `json:"candidates"`
	Decision   *DisputeDecision `json:"decision,omitempty"`
	NextStep   string           `json:"next_step"`
}

// DisputeDecision is somebody's decision about a disputed person (S6).
type DisputeDecision struct {
	ID           string              `json:"decision_id"`
	Decision     domain.DecisionKind `json:"decision"`
	TeamMemberID string              `json:"team_member_id,omitempty"`
	Dispute      domain.Reason       `json:"dispute"`
	Reason       string              `json:"reason,omitempty"`
	DecidedBy    string              `json:"decided_by"`
	DecidedAt    time.Time           `json:"decided_at"`
}

// Disputes lists the queue of a connection: who was disputed when the last run looked,
// or is left out by somebody's decision, with what there is to decide now (S6). Needs
// the database.
func (o *Operator) Disputes(ctx context.Context, connectionID string) ([]DisputeLine, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	people, err := o.store.Disputes(ctx, connection.ID, o.today())
	lines := make([]DisputeLine, 0, len(people))
	for _, person := range people {
		lines = append(lines, disputeLine(connection.ID, person))
	}
	return lines, err
}

// today is the Amsterdam day, which the rules go by.
func (o *Operator) today() domain.Date { return domain.DayOf(o.now()) }

func disputeLine(connectionID string, person store.DisputedPerson) DisputeLine {
	line := DisputeLine{
		ConnexieID: person.ConnexieID, State: disputeState(person.Dispute), Reason: person.Dispute.Reason,
		Since: person.Since, Candidates: append([]string{}, person.Dispute.Candidates...), Decision: decisionView(person.Decision),
	}
	about := " --connection " + connectionID + " --person " + person.ConnexieID
	line.NextStep = map[string]string{
		DisputeWaiting: "Compare both sides, then decide: starter disputes show" + about,
		DisputeSkipped: "Nothing, until the e-mail address or the candidates change.",
		DisputeDecided: "The next sync follows it; at once: starter sync" + about,
		DisputeOnHold:  "It waits for the end of the hold: starter holds list --connection " + connectionID,
		DisputeSettled: "Nothing to decide. The next sync goes by the rules; at once: starter sync" + about,
	}[line.State]
	if person.Dispute.Standing.Situation == domain.Linked {
		line.NextStep = "Nothing to decide: the person is linked. To see how: starter sync" + about + " --preview"
	}
	return line
}

func disputeState(dispute domain.Dispute) string {
	switch {
	case dispute.Standing.Situation == domain.Disputed:
		return DisputeWaiting
	case dispute.Standing.Situation == domain.OnHold:
		return DisputeOnHold
	case dispute.Standing.Reason == domain.ReasonDecidedSkip:
		return DisputeSkipped
	case dispute.Decided:
		return DisputeDecided
	}
	return DisputeSettled
}

func decisionView(decided *store.DecidedDispute) *DisputeDecision {
	if decided == nil {
		return nil
	}
	return &DisputeDecision{
		ID: decided.ID, Decision: decided.Decision, TeamMemberID: decided.TeamMemberID, Dispute: decided.Dispute,
		Reason: decided.Reason, DecidedBy: decided.DecidedBy, DecidedAt: decided.DecidedAt,
	}
}

// DisputeSides is one dispute with both sides next to each other (S6). It is about
// people: for an operator's own screen, and for nothing that is kept (N4).
type DisputeSides struct {
	ConnectionID string `json:"connection_id"`
	DisputeLine
	// Person is as Connexie has them; Rivals are other unlinked people there with the
	// same e-mail address.
	Person PersonSide   `json:"person"`
	Rivals []PersonSide `json:"rivals"`
	// Profiles are the candidates; Owners have the e-mail address and are linked to
	// somebody else.
	Profiles []ProfileSide `json:"profiles"`
	Owners   []ProfileSide `json:"owners"`
}

// PersonSide is a person in Connexie as somebody compares them.
type PersonSide struct {
	ConnexieID  string         `json:"connexie_id"`
	Name        string         `json:"name"`
	DateOfBirth domain.Date    `json:"date_of_birth,omitzero"`
	Email       string         `json:"email"`
	Phone       string         `json:"phone"`
	City        string         `json:"city"`
	Employed    bool           `json:"employed"`
	Venues      []string       `json:"venues"`
	Contracts   []ContractSide `json:"contracts"`
}

// ProfileSide is a team member in Eitje as somebody compares them.
type ProfileSide struct {
	TeamMemberID string `json:"team_member_id"`
	// ConnexieID is whose profile it is; empty for an unlinked one.
	ConnexieID    string         `json:"connexie_id,omitempty"`
	Name          string         `json:"name"`
	DateOfBirth   domain.Date    `json:"date_of_birth,omitzero"`
	Email         string         `json:"email"`
	Phone         string         `json:"phone"`
	City          string         `json:"city"`
	Active        bool           `json:"active"`
	DeactivatedAt time.Time      `json:"deactivated_at,omitzero"`
	DeactivatedBy string         `json:"deactivated_by,omitempty"`
	Venues        []string       `json:"venues"`
	Contracts     []ContractSide `json:"contracts"`
	// LastWorked is the day of the last worked entry.
	LastWorked domain.Date `json:"last_worked,omitzero"`
}

// ContractSide is a contract as somebody compares it.
type ContractSide struct {
	Type  domain.ContractType `json:"type"`
	Start domain.Date         `json:"start_date"`
	End   domain.Date         `json:"end_date,omitzero"`
}

// Dispute shows both sides of the dispute about one person. Needs the database.
func (o *Operator) Dispute(ctx context.Context, connectionID, connexieID string) (DisputeSides, error) {
	connection, err := o.personOf(ctx, connectionID, connexieID)
	if err != nil {
		return DisputeSides{}, err
	}
	sides, err := o.store.Dispute(ctx, connection.ID, connexieID, o.today())
	if err != nil {
		return DisputeSides{}, fromPerson(connection.ID, connexieID, err)
	}
	view := DisputeSides{
		ConnectionID: connection.ID, DisputeLine: disputeLine(connection.ID, sides.DisputedPerson),
		Person: personSide(sides.Person, sides.VenueNames, o.today()), Rivals: []PersonSide{},
		Profiles: []ProfileSide{}, Owners: []ProfileSide{},
	}
	for _, rival := range sides.Rivals {
		view.Rivals = append(view.Rivals, personSide(rival, sides.VenueNames, o.today()))
	}
	for _, candidate := range sides.Candidates {
		view.Profiles = append(view.Profiles, profileSide(candidate))
	}
	for _, owner := range sides.Owners {
		view.Owners = append(view.Owners, profileSide(owner))
	}
	if view.State == DisputeWaiting {
		view.NextStep = "Say whose profile it is: starter disputes decide -h"
	}
	return view, nil
}

// personOf finds a connection for a request about one person of it, and checks that the
// person's id could be one.
func (o *Operator) personOf(ctx context.Context, connectionID, connexieID string) (store.Connection, error) {
	if !idPattern.MatchString(connexieID) {
		return store.Connection{}, invalid("Give the person's Connexie ID, such as emp_0001.",
			"%q is not a Connexie ID: 1 to 64 letters, digits, - or _", shorten(connexieID))
	}
	return o.connection(ctx, connectionID)
}

// fromPerson says that there is no such person.
func fromPerson(connectionID, connexieID string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("Synchronise first, if the person is new in Connexie: starter sync --connection "+connectionID+" --person "+connexieID,
			"connection %s knows no person %s", connectionID, connexieID)
	}
	return err
}

func personSide(person domain.Person, venues map[string]string, day domain.Date) PersonSide {
	side := PersonSide{
		ConnexieID: person.ID, Name: fullName(person.FirstName, person.Infix.Value, person.LastName),
		DateOfBirth: person.DateOfBirth.Value, Email: person.Email, Phone: person.Phone.Value, City: person.City.Value,
		Employed: person.Employment.ActiveOn(day), Venues: []string{}, Contracts: []ContractSide{},
	}
	seen := map[string]bool{}
	for _, contract := range person.Contracts {
		side.Contracts = append(side.Contracts, ContractSide{Type: contract.Type, Start: contract.Start, End: contract.End})
		for _, id := range contract.Venues() {
			if name := orID(venues[id], id); !seen[name] {
				seen[name] = true
				side.Venues = append(side.Venues, name)
			}
		}
	}
	return side
}

func profileSide(profile store.DisputeProfile) ProfileSide {
	side := ProfileSide{
		TeamMemberID: profile.ID, ConnexieID: profile.ConnexieID,
		Name: fullName(profile.FirstName, profile.Infix, profile.LastName), DateOfBirth: profile.DateOfBirth,
		Email: profile.Email, Phone: profile.Phone, City: profile.City, Active: profile.Active,
		DeactivatedAt: profile.DeactivatedAt, DeactivatedBy: profile.DeactivatedBy,
		Venues: append([]string{}, profile.Venues...), Contracts: []ContractSide{}, LastWorked: profile.LastWorked,
	}
	for _, contract := range profile.Contracts {
		side.Contracts = append(side.Contracts, ContractSide{Type: contract.Type, Start: contract.Start, End: contract.End})
	}
	return side
}

func fullName(parts ...string) string {
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

func orID(name, id string) string {
	if name == "" {
		return id
	}
	return name
}
