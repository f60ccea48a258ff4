package domain

import (
	"cmp"
	"slices"
	"strings"
)

// Venue is a venue of either side.
type Venue struct {
	ID   string
	Name string
	// Active is Connexie's own word; Eitje's venues are always active.
	Active bool
}

// WageCode is a wage or hour code that Connexie has activated.
type WageCode struct {
	Code        string
	Description string
	// Kind is hours, meal or allowance; Unit is hours, pieces, eur or km.
	Kind string
	Unit string
}

// VenueConnection says that an Eitje venue is kept with a Connexie venue. An empty
// ConnexieID says that the Eitje venue is not used.
type VenueConnection struct {
	EitjeID    string
	ConnexieID string
}

// MatchVenues connects venues of equal name (C2): trimmed, case-folded, with runs
// of white space counted as one. A name that several venues of one side carry
// decides nothing, and a venue that is inactive in Connexie is as if it were not
// there: nobody could be brought in through it (C5). The caller passes all venues
// and keeps the decisions that were taken before. The result is in the order of the
// Eitje venues.
func MatchVenues(eitje, connexie []Venue) []VenueConnection {
	ours, theirs := venuesByName(eitje), venuesByName(activeOnly(connexie))
	var connections []VenueConnection
	for _, venue := range eitje {
		name := venueName(venue.Name)
		if name == "" || len(ours[name]) != 1 || len(theirs[name]) != 1 {
			continue
		}
		connections = append(connections, VenueConnection{EitjeID: venue.ID, ConnexieID: theirs[name][0]})
	}
	return connections
}

func activeOnly(venues []Venue) []Venue {
	var active []Venue
	for _, venue := range venues {
		if venue.Active {
			active = append(active, venue)
		}
	}
	return active
}

func venuesByName(venues []Venue) map[string][]string {
	byName := make(map[string][]string, len(venues))
	for _, venue := range venues {
		name := venueName(venue.Name)
		byName[name] = append(byName[name], venue.ID)
	}
	return byName
}

func venueName(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

// VenueMap is what has been decided about a connection's venues.
type VenueMap struct {
	connected map[string][]string
	inactive  map[string]bool
}

// ConnexieVenue is a Connexie venue with the decision about it.
type ConnexieVenue struct {
	ID string
	// Inactive tells that it was set Inactive here, or is inactive in Connexie
	// itself.
	Inactive bool
}

// NewVenueMap indexes the decisions. Eitje venues that share a Connexie venue (C4)
// are kept in the order of their ids.
func NewVenueMap(connections []VenueConnection, venues []ConnexieVenue) VenueMap {
	m := VenueMap{connected: make(map[string][]string), inactive: make(map[string]bool)}
	for _, c := range connections {
		if c.ConnexieID != "" {
			m.connected[c.ConnexieID] = append(m.connected[c.ConnexieID], c.EitjeID)
		}
	}
	for _, eitjeIDs := range m.connected {
		slices.SortFunc(eitjeIDs, cmp.Compare[string])
	}
	for _, venue := range venues {
		m.inactive[venue.ID] = venue.Inactive
	}
	return m
}

// EitjeVenues lists the Eitje venues that are kept with a Connexie venue: one, or
// several where they share it (C4), or none.
func (m VenueMap) EitjeVenues(connexieID string) []string { return m.connected[connexieID] }

// usedVenues are the Eitje venues that people are brought to: none for a Connexie
// venue that is Inactive, even where a connection made earlier still stands (C5).
func (m VenueMap) usedVenues(connexieID string) []string {
	if m.inactive[connexieID] {
		return nil
	}
	return m.connected[connexieID]
}

// placeable tells whether any of a person's Connexie venues is used, and if not,
// why: venue_undecided while a decision could still bring the person in,
// venue_inactive where all are Inactive (C2, C5).
func (m VenueMap) placeable(connexieIDs []string) (Reason, bool) {
	allInactive := len(connexieIDs) > 0
	for _, id := range connexieIDs {
		if len(m.usedVenues(id)) > 0 {
			return "", true
		}
		allInactive = allInactive && m.inactive[id]
	}
	if allInactive {
		return ReasonVenueInactive, false
	}
	return ReasonVenueUndecided, false
}
