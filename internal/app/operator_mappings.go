package app

import (
	"context"

	"github.com/eitje/connexie-worker/internal/store"
)

// What can be decided about a venue.
const (
	// DecisionConnected is a venue that is kept with one of the other side.
	DecisionConnected = "connected"
	// DecisionNotUsed is an Eitje venue without a part in the integration.
	DecisionNotUsed = "not_used"
	// DecisionInactive is a Connexie venue that is not used, by our or by Connexie's
	// own word.
	DecisionInactive = "inactive"
	// DecisionGone is a Connexie venue that Connexie no longer lists.
	DecisionGone = "gone"
	// DecisionUndecided is a venue that somebody must decide about (C3).
	DecisionUndecided = "undecided"
)

// Mappings are the venues of both sides, the codes, and what was decided (C3, C6, C7).
type Mappings struct {
	ConnectionID string         `json:"connection_id"`
	Undecided    int            `json:"undecided"`
	Eitje        []VenueMapping `json:"eitje"`
	Connexie     []VenueMapping `json:"connexie"`
	Codes        []CodeMapping  `json:"codes"`
	// Available are the codes that Connexie has activated.
	Available []WageCode `json:"available_codes"`
	// HourCode is the code chosen for hours; empty where there is none (C7).
	HourCode string `json:"hour_code"`
	// Unmapped are the meals and allowances that have no code yet (C6).
	Unmapped []UnmappedKind `json:"unmapped"`
	// Obstacles tell what an export would be refused for; none where it may go.
	Obstacles []Obstacle `json:"obstacles"`
}

// VenueMapping is one venue and what was decided about it.
type VenueMapping struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Decision string `json:"decision"`
	// ConnexieID is the Connexie venue that an Eitje venue is connected to.
	ConnexieID string `json:"connexie_id,omitempty"`
	DecidedBy  string `json:"decided_by,omitempty"`
	// DecideWith is the command that decides, where nobody has.
	DecideWith string `json:"decide_with,omitempty"`
}

// CodeMapping says under which code a kind goes out.
type CodeMapping struct {
	Kind string `json:"kind"`
	Type string `json:"type,omitempty"`
	Code string `json:"code"`
	// Gone tells that Connexie no longer has the code activated (C6).
	Gone bool `json:"gone"`
}

// WageCode is a code that Connexie has activated.
type WageCode struct {
	Code        string `json:"code"`
	Description string `json:"description"`
	Kind        string `json:"kind"`
	Unit        string `json:"unit"`
}

// Mappings lists what is decided about a connection and what is not. Needs the
// database.
func (o *Operator) Mappings(ctx context.Context, connectionID string) (Mappings, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return Mappings{}, err
	}
	decisions, err := o.store.VenueDecisions(ctx, connection.ID)
	if err != nil {
		return Mappings{}, err
	}
	mappings := Mappings{
		ConnectionID: connection.ID, Undecided: decisions.Undecided(),
		Eitje: []VenueMapping{}, Connexie: []VenueMapping{}, Codes: []CodeMapping{}, Available: []WageCode{},
	}
	for _, venue := range decisions.Eitje {
		mappings.Eitje = append(mappings.Eitje, eitjeMapping(connection.ID, venue))
	}
	for _, venue := range decisions.Connexie {
		mappings.Connexie = append(mappings.Connexie, connexieMapping(connection.ID, venue))
	}
	if err := o.addCodes(ctx, &mappings); err != nil {
		return Mappings{}, err
	}
	if err := o.addUnmapped(ctx, &mappings); err != nil {
		return Mappings{}, err
	}
	mappings.Obstacles = mappings.obstacles(connection)
	return mappings, nil
}

func (o *Operator) addCodes(ctx context.Context, mappings *Mappings) error {
	chosen, err := o.store.CodeMappings(ctx, mappings.ConnectionID)
	if err != nil {
		return err
	}
	for _, code := range chosen {
		mappings.Codes = append(mappings.Codes, CodeMapping(code))
		if code.Kind == "hours" {
			mappings.HourCode = code.Code
		}
	}
	available, err := o.store.WageCodes(ctx, mappings.ConnectionID)
	for _, code := range available {
		mappings.Available = append(mappings.Available, WageCode(code))
	}
	return err
}

func eitjeMapping(connectionID string, venue store.EitjeVenue) VenueMapping {
	mapping := VenueMapping{
		ID: venue.ID, Name: venue.Name, Decision: DecisionConnected,
		ConnexieID: venue.ConnexieVenueID, DecidedBy: venue.DecidedBy,
	}
	switch {
	case !venue.Decided:
		mapping.Decision = DecisionUndecided
		mapping.DecideWith = "starter mappings venue --connection " + connectionID + " --eitje " + venue.ID + " --connexie ID|not-used"
	case venue.ConnexieVenueID == "":
		mapping.Decision = DecisionNotUsed
	}
	return mapping
}

func connexieMapping(connectionID string, venue store.ConnexieVenue) VenueMapping {
	mapping := VenueMapping{ID: venue.ID, Name: venue.Name, Decision: DecisionInactive}
	switch {
	case venue.Undecided():
		mapping.Decision = DecisionUndecided
		mapping.DecideWith = "starter mappings venue --connection " + connectionID + " --connexie " + venue.ID + " --inactive"
	case venue.Gone:
		mapping.Decision = DecisionGone
	case venue.Connected:
		mapping.Decision = DecisionConnected
	}
	return mapping
}
