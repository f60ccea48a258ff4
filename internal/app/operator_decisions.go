package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/store"
)

// NotUsed stands in place of a Connexie venue and decides that an Eitje venue has no part in
// the integration.
const NotUsed = "not-used"

// VenueDecision decides about one venue (C3): an Eitje venue is connected to a
// Connexie venue or not used; a Connexie venue alone is set Inactive.
type VenueDecision struct {
	ConnectionID string
	// EitjeID is empty where a Connexie venue is set Inactive.
	EitjeID string
	// ConnexieID is a Connexie venue or NotUsed.
	ConnexieID string
	// Inactive sets the Connexie venue Inactive.
	Inactive bool
	By       string
}

const venueExamples = "Give --eitje ID --connexie ID, --eitje ID --connexie not-used, or --connexie ID --inactive."

func (d VenueDecision) validate() error {
	switch {
	case d.ConnexieID == "":
		return invalid(venueExamples, "the decision names no Connexie venue")
	case d.Inactive && (d.EitjeID != "" || d.ConnexieID == NotUsed):
		return invalid(venueExamples, "only a Connexie venue can be set Inactive, and it alone")
	case !d.Inactive && d.EitjeID == "":
		return invalid(venueExamples, "the decision names no Eitje venue and does not set the Connexie venue Inactive")
	}
	return nil
}

// DecideVenue takes a decision about a venue, in place of the one before. It answers
// with what is decided then. Needs the database.
func (o *Operator) DecideVenue(ctx context.Context, decision VenueDecision) (Mappings, error) {
	by, err := requester(decision.By)
	if err == nil {
		err = decision.validate()
	}
	if err != nil {
		return Mappings{}, err
	}
	connection, err := o.connection(ctx, decision.ConnectionID)
	if err != nil {
		return Mappings{}, err
	}
	switch {
	case decision.EitjeID != "" && !idPattern.MatchString(decision.EitjeID):
		err = store.ErrVenueUnknown
	case !idPattern.MatchString(decision.ConnexieID):
		err = store.ErrConnexieVenueUnknown
	case decision.Inactive:
		err = o.store.SetConnexieVenueInactive(ctx, connection.ID, decision.ConnexieID, o.now())
	case decision.ConnexieID == NotUsed:
		err = o.store.SetVenueNotUsed(ctx, connection.ID, decision.EitjeID, by, o.now())
	default:
		err = o.store.ConnectVenue(ctx, connection.ID, decision.EitjeID, decision.ConnexieID, by, o.now())
	}
	if err != nil {
		return Mappings{}, fromDecision(connection.ID, decision, err)
	}
	return o.Mappings(ctx, connection.ID)
}

// fromDecision says what stands against a decision about a venue.
func fromDecision(connectionID string, decision VenueDecision, err error) error {
	list := "List the venues of both sides: starter mappings list --connection " + connectionID
	var connected *store.VenueConnectedError
	switch {
	case errors.Is(err, store.ErrVenueUnknown):
		return notFound(list, "this organisation has no venue %q in Eitje", shorten(decision.EitjeID))
	case errors.Is(err, store.ErrConnexieVenueUnknown):
		return notFound(list, "Connexie lists no venue %q for this connection", shorten(decision.ConnexieID))
	case errors.As(err, &connected):
		return refused("Set that Eitje venue to not used, or connect it elsewhere, first. "+list,
			"Connexie venue %s is connected to Eitje venue %s", connected.ConnexieVenueID, strings.Join(connected.VenueIDs, ", "))
	}
	return err
}

// CodeDecision chooses the code of a kind (C6, C7).
type CodeDecision struct {
	ConnectionID string
	// Kind is hours, meal or allowance.
	Kind string
	// Type is the organisation's own word for a meal or an allowance.
	Type string
	Code string
	By   string
}

var codeKinds = []string{"hours", "meal", "allowance"}

// DecideCode chooses a code, in place of the one before. It answers with what is
// decided then. Needs the database.
func (o *Operator) DecideCode(ctx context.Context, decision CodeDecision) (Mappings, error) {
	by, err := requester(decision.By)
	if err != nil {
		return Mappings{}, err
	}
	if err := decision.validate(); err != nil {
		return Mappings{}, err
	}
	connection, err := o.connection(ctx, decision.ConnectionID)
	if err != nil {
		return Mappings{}, err
	}
	mapping := store.CodeMapping{Kind: decision.Kind, Type: decision.Type, Code: decision.Code}
	err = o.store.SetCodeMapping(ctx, connection.ID, mapping, by, o.now())
	list := "List the activated codes: starter mappings list --connection " + connection.ID
	switch {
	case errors.Is(err, store.ErrCodeUnknown):
		return Mappings{}, notFound(list, "Connexie has no code %q activated for this connection (C6)", shorten(decision.Code))
	case errors.Is(err, store.ErrCodeUnfit):
		return Mappings{}, refused(list, "code %q is not for %s", shorten(decision.Code), decision.Kind)
	case err != nil:
		return Mappings{}, err
	}
	return o.Mappings(ctx, connection.ID)
}

// maxTypeLength is more than any organisation calls a meal.
const maxTypeLength = 100

func (d CodeDecision) validate() error {
	switch {
	case !slices.Contains(codeKinds, d.Kind):
		return invalid("Give hours, meal or allowance.", "%q is no kind", shorten(d.Kind))
	case d.Kind == "hours" && d.Type != "":
		return invalid("Leave the type out.", "hours have one code and no types")
	case d.Kind != "hours" && strings.Trim(d.Type, " ") == "":
		return invalid("Give the type as Eitje has it, such as --type dinner.", "a code for a %s needs its type", d.Kind)
	case len(d.Type) > maxTypeLength || !printable(d.Type):
		return invalid("Give the type as Eitje has it.", "the type is longer than %d bytes or cannot be read", maxTypeLength)
	case d.Code == "" || !printable(d.Code):
		return invalid("Give a code that Connexie has activated.", "the code is empty or cannot be read")
	}
	return nil
}
