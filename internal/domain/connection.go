package domain

import (
	"fmt"
	"strconv"
)

// ObjectConnection is a connection itself: its state and what it chose.
const ObjectConnection Object = "connection"

// ConnectionState is where a connection stands.
type ConnectionState string

// The states of a connection.
const (
	ConnectionInactive   ConnectionState = "inactive"
	ConnectionActive     ConnectionState = "active"
	ConnectionNeedsToken ConnectionState = "needs_token"
	ConnectionPaused     ConnectionState = "paused"
	ConnectionRemoved    ConnectionState = "removed"
)

// ConnectionStep is what somebody does with a connection as a whole (C9).
type ConnectionStep string

// The steps in the life of a connection. A token is no step: what Connexie says of it
// decides (C1, C8).
const (
	StepPause  ConnectionStep = "pause"
	StepResume ConnectionStep = "resume"
	StepRemove ConnectionStep = "remove"
)

// After is the state after a step, and false where the step cannot be taken: what was
// never activated, or is removed, has nothing to pause or resume and needs a token
// first. Taking a step again changes nothing. Whoever resumes makes it active; what
// Connexie then says of the token may make it need another one (C8).
func (s ConnectionState) After(step ConnectionStep) (ConnectionState, bool) {
	living := s == ConnectionActive || s == ConnectionNeedsToken || s == ConnectionPaused
	switch {
	case step == StepRemove:
		return ConnectionRemoved, true
	case step == StepPause && living:
		return ConnectionPaused, true
	case step == StepResume && s == ConnectionPaused:
		return ConnectionActive, true
	case step == StepResume && living:
		return s, true
	}
	return s, false
}

// Quarantined reports whether a connection was out of reach for so many nights in a row
// that the night sends it one probe before a whole synchronisation (N6).
func Quarantined(failedNights int) bool { return failedNights >= NightsUntilUnreachable }

// StateChange is the audit line of a connection whose state changes (S10); nothing
// where it does not.
func StateChange(connectionID string, before, after ConnectionState) []Change {
	return connectionChange(nil, connectionID, "state", string(before), string(after))
}

// ConnectionSettings is what a connection may choose.
type ConnectionSettings struct {
	// Guard is how much a run may change unasked (S16).
	Guard GuardLimits
	// AutomaticEndings has the second step of an ending done without somebody's
	// confirmation (E4).
	AutomaticEndings bool
	// LikelyDuplicatesWait has whoever looks like an unlinked profile wait as disputed
	// instead of being created (S22).
	LikelyDuplicatesWait bool
}

// The most that a guard may be set to: more is a slip of the keyboard.
const (
	maxGuardFloor   = 100_000
	maxGuardPercent = 1_000
)

// Problems says what cannot be chosen, each in a sentence.
func (s ConnectionSettings) Problems() []string {
	var problems []string
	for _, limit := range []struct {
		name        string
		value, most int
	}{
		{"creations floor", s.Guard.CreationsFloor, maxGuardFloor},
		{"creations percent", s.Guard.CreationsPercent, maxGuardPercent},
		{"changes floor", s.Guard.ChangesFloor, maxGuardFloor},
		{"changes percent", s.Guard.ChangesPercent, maxGuardPercent},
	} {
		if limit.value < 0 || limit.value > limit.most {
			problems = append(problems, fmt.Sprintf("the %s must be 0 to %d", limit.name, limit.most))
		}
	}
	return problems
}

// Changes are the audit lines of choosing others (S10); nothing where they are equal.
func (s ConnectionSettings) Changes(connectionID string, to ConnectionSettings) []Change {
	var changes []Change
	number := func(field string, before, after int) {
		changes = connectionChange(changes, connectionID, field, strconv.Itoa(before), strconv.Itoa(after))
	}
	choice := func(field string, before, after bool) {
		changes = connectionChange(changes, connectionID, field, strconv.FormatBool(before), strconv.FormatBool(after))
	}
	number("guard_creations_floor", s.Guard.CreationsFloor, to.Guard.CreationsFloor)
	number("guard_creations_percent", s.Guard.CreationsPercent, to.Guard.CreationsPercent)
	number("guard_changes_floor", s.Guard.ChangesFloor, to.Guard.ChangesFloor)
	number("guard_changes_percent", s.Guard.ChangesPercent, to.Guard.ChangesPercent)
	choice("automatic_endings", s.AutomaticEndings, to.AutomaticEndings)
	choice("likely_duplicates_wait", s.LikelyDuplicatesWait, to.LikelyDuplicatesWait)
	return changes
}

func connectionChange(changes []Change, connectionID, field, before, after string) []Change {
	if before == after {
		return changes
	}
	return append(changes, Change{
		Object: ObjectConnection, ObjectID: connectionID, Field: field, Before: before, After: after,
	})
}
