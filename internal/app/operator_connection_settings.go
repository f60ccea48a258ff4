package app

import (
	"context"
	"errors"
	"strings"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Settings is what a connection has chosen.
type Settings struct {
	Guard GuardSettings `json:"guard"`
	// AutomaticEndings has the second step of an ending done without a confirmation (E4).
	AutomaticEndings bool `json:"automatic_endings"`
	// LikelyDuplicates is wait or create: what becomes of somebody who looks like an
	// unlinked profile (S22).
	LikelyDuplicates string `json:"likely_duplicates"`
}

// GuardSettings is how much a run may change before somebody must allow it (S16).
type GuardSettings struct {
	CreationsFloor   int `json:"creations_floor"`
	CreationsPercent int `json:"creations_percent"`
	ChangesFloor     int `json:"changes_floor"`
	ChangesPercent   int `json:"changes_percent"`
}

// What can be chosen for likely duplicates (S22).
const (
	LikelyDuplicatesWait   = "wait"
	LikelyDuplicatesCreate = "create"
)

func settingsOf(connection store.Connection) Settings {
	settings := Settings{
		Guard: GuardSettings{
			CreationsFloor: connection.Guard.CreationsFloor, CreationsPercent: connection.Guard.CreationsPercent,
			ChangesFloor: connection.Guard.ChangesFloor, ChangesPercent: connection.Guard.ChangesPercent,
		},
		AutomaticEndings: connection.AutomaticEndings, LikelyDuplicates: LikelyDuplicatesCreate,
	}
	if connection.LikelyDuplicatesWait {
		settings.LikelyDuplicates = LikelyDuplicatesWait
	}
	return settings
}

// SettingsChange chooses anew what it names, and leaves the rest.
type SettingsChange struct {
	ConnectionID     string
	CreationsFloor   *int
	CreationsPercent *int
	ChangesFloor     *int
	ChangesPercent   *int
	// AutomaticEndings is on or off (E4).
	AutomaticEndings *bool
	// LikelyDuplicatesWait is whether they wait (S22).
	LikelyDuplicatesWait *bool
	// By is the id of a person or program; DefaultRequester where empty.
	By string
}

// apply is what is chosen then.
func (c SettingsChange) apply(settings domain.ConnectionSettings) domain.ConnectionSettings {
	chosen(&settings.Guard.CreationsFloor, c.CreationsFloor)
	chosen(&settings.Guard.CreationsPercent, c.CreationsPercent)
	chosen(&settings.Guard.ChangesFloor, c.ChangesFloor)
	chosen(&settings.Guard.ChangesPercent, c.ChangesPercent)
	chosen(&settings.AutomaticEndings, c.AutomaticEndings)
	chosen(&settings.LikelyDuplicatesWait, c.LikelyDuplicatesWait)
	return settings
}

func chosen[T any](setting, value *T) {
	if value != nil {
		*setting = *value
	}
}

// empty reports whether it names nothing.
func (c SettingsChange) empty() bool {
	return c.CreationsFloor == nil && c.CreationsPercent == nil && c.ChangesFloor == nil && c.ChangesPercent == nil &&
		c.AutomaticEndings == nil && c.LikelyDuplicatesWait == nil
}

const settingsExample = "Give at least one, such as --automatic-endings on."

// ChooseSettings changes what a connection has chosen and tells of it as it is then. Each
// setting that differs leaves an audit line (S10); choosing the same again changes
// nothing. What cannot be chosen is refused with everything that is wrong, and nothing
// changes. Needs the database.
func (o *Operator) ChooseSettings(ctx context.Context, change SettingsChange) (ConnectionDetail, error) {
	by, err := requester(change.By)
	if err != nil {
		return ConnectionDetail{}, err
	}
	if change.empty() {
		return ConnectionDetail{}, invalid(settingsExample, "no setting is named")
	}
	connection, err := o.connection(ctx, change.ConnectionID)
	if err != nil {
		return ConnectionDetail{}, err
	}
	settled, err := o.store.ChooseSettings(ctx, connection.ID, by, o.now(),
		func(settings domain.ConnectionSettings) (domain.ConnectionSettings, error) {
			settings = change.apply(settings)
			if problems := settings.Problems(); len(problems) > 0 {
				return settings, invalid("See: starter connections settings -h", "%s", strings.Join(problems, "; "))
			}
			return settings, nil
		})
	if errors.Is(err, store.ErrRemoved) {
		return ConnectionDetail{}, refused(awaken(connection), "connection %s is removed and has no settings (C9)", connection.ID)
	}
	if err != nil {
		return ConnectionDetail{}, err
	}
	return o.detail(ctx, settled)
}
