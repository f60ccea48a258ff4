package store

import (
	"context"
	"errors"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// SealedSecret is what a webhook is signed with, encrypted by the application (N3).
type SealedSecret struct {
	KeyID      string
	Ciphertext []byte
}

// Channel is where an organisation is told of notifications.
type Channel struct {
	ID             string
	OrganisationID string
	Kind           domain.ChannelKind
	// Target is a URL or an e-mail address. A URL may hold a secret in its path: show
	// domain.ShownTarget of it.
	Target string
	// MinimumSeverity is the least that is told here.
	MinimumSeverity domain.Severity
	// Enabled is false where nothing is sent, and nothing new is kept for later.
	Enabled bool
	// Secret is that of a webhook; zero for other kinds.
	Secret SealedSecret
	SetAt  time.Time
	SetBy  string
}

// ChannelStatus is a channel and how it fares.
type ChannelStatus struct {
	Channel

	Standing        domain.ChannelStanding
	LastDeliveredAt time.Time
	// Pending counts what waits to be delivered, Refused what the receiver refused
	// since it was last set or tested well.
	Pending, Refused int
}

type channelRow struct {
	ID              string
	OrganisationID  string
	Kind            domain.ChannelKind
	Target          string
	MinimumSeverity domain.Severity
	Enabled         bool
	KeyID           string
	Ciphertext      []byte
	SetAt           time.Time
	SetBy           string
	Failures        int
	Refusals        int
	FailingSince    *time.Time
	Problem         string
	RetryAt         *time.Time
	StoppedAt       *time.Time
	LastDeliveredAt *time.Time
	Pending         int
	Refused         int
}

func (r channelRow) status() ChannelStatus {
	return ChannelStatus{
		Channel: Channel{
			ID: r.ID, OrganisationID: r.OrganisationID, Kind: r.Kind, Target: r.Target, MinimumSeverity: r.MinimumSeverity,
			Enabled: r.Enabled, Secret: SealedSecret{KeyID: r.KeyID, Ciphertext: r.Ciphertext}, SetAt: r.SetAt, SetBy: r.SetBy,
		},
		Standing: domain.ChannelStanding{
			Failures: r.Failures, Refusals: r.Refusals, FailingSince: orZero(r.FailingSince), Problem: r.Problem,
			RetryAt: orZero(r.RetryAt), StoppedAt: orZero(r.StoppedAt),
		},
		LastDeliveredAt: orZero(r.LastDeliveredAt), Pending: r.Pending, Refused: r.Refused,
	}
}

const selectChannels = `
	select c.id, c.organisation_id, c.kind, c.target, c.minimum_severity, c.enabled, coalesce(c.key_id, '') as key_id, c.ciphertext,
	       c.set_at, c.set_by, c.failures, c.refusals, c.failing_since, coalesce(c.problem, '') as problem, c.retry_at,
	       c.stopped_at, c.last_delivered_at,
	       (select count(*) from connexie.notification_deliveries d where d.channel_id = c.id and d.state = 'pending') as pending,
	       (select count(*) from connexie.notification_deliveries d where d.channel_id = c.id and d.state = 'refused') as refused
	  from connexie.notification_channels c`

// Channels lists the channels of an organisation, or of all where the id is empty.
func (s *Store) Channels(ctx context.Context, organisationID string) ([]ChannelStatus, error) {
	rows, err := collect[channelRow](ctx, s.pool, "list the channels", selectChannels+`
		 where @organisation_id = '' or c.organisation_id::text = @organisation_id
		 order by c.organisation_id, c.kind, c.id`, args{"organisation_id": organisationID})
	if err != nil {
		return nil, err
	}
	channels := make([]ChannelStatus, 0, len(rows))
	for _, row := range rows {
		channels = append(channels, row.status())
	}
	return channels, nil
}

// ChannelByID is one channel; ErrNotFound where there is none.
func (s *Store) ChannelByID(ctx context.Context, id string) (ChannelStatus, error) {
	row, err := collectOne[channelRow](ctx, s.pool, "get channel "+id, selectChannels+` where c.id = @id`, args{"id": id})
	return row.status(), err
}

// FindChannel is the channel of an organisation with a target; ErrNotFound where there
// is none.
func (s *Store) FindChannel(
	ctx context.Context, organisationID string, kind domain.ChannelKind, target string,
) (ChannelStatus, error) {
	row, err := collectOne[channelRow](ctx, s.pool, "find a channel of organisation "+organisationID, selectChannels+`
		 where c.organisation_id = @organisation_id and c.kind = @kind and c.target = @target`,
		args{"organisation_id": organisationID, "kind": string(kind), "target": target})
	return row.status(), err
}

// SetChannel adds a channel, or replaces the one of its id: what it is told from now
// on. It counts as well again, and what was refused waits once more (see MendChannel).
// ErrNotFound where there is no such organisation, ErrChannelExists where another
// channel of it has the target.
func (s *Store) SetChannel(ctx context.Context, channel Channel, now time.Time) error {
	const query = `
		insert into connexie.notification_channels (
		       id, organisation_id, kind, target, minimum_severity, enabled, key_id, ciphertext, set_at, set_by)
		values (@id, @organisation_id, @kind, @target, @minimum_severity, @enabled, nullif(@key_id, ''), @ciphertext, @now, @by)
		on conflict (id) do update
		   set target = excluded.target, minimum_severity = excluded.minimum_severity, enabled = excluded.enabled,
		       key_id = excluded.key_id, ciphertext = excluded.ciphertext, set_at = excluded.set_at, set_by = excluded.set_by`
	operation := "set channel " + channel.ID
	_, err := execute(ctx, s.pool, operation, query, args{
		"id": channel.ID, "organisation_id": channel.OrganisationID, "kind": string(channel.Kind), "target": channel.Target,
		"minimum_severity": string(channel.MinimumSeverity), "enabled": channel.Enabled, "key_id": channel.Secret.KeyID,
		"ciphertext": channel.Secret.Ciphertext, "by": channel.SetBy, "now": now,
	})
	switch {
	case violates(err, "notification_channels_organisation_id_fkey"):
		return failed(operation, ErrNotFound)
	case violates(err, "notification_channels_organisation_id_kind_target_key"):
		return ErrChannelExists
	case err != nil:
		return err
	}
	return s.MendChannel(ctx, channel.ID, now)
}

// ErrChannelExists says that an organisation has a channel with that target already.
var ErrChannelExists = errors.New("the organisation has a channel with this target already")

// RemoveChannel removes a channel and what waits for it; ErrNotFound where there is
// none.
func (s *Store) RemoveChannel(ctx context.Context, id string) error {
	const query = `delete from connexie.notification_channels where id = @id`
	removed, err := execute(ctx, s.pool, "remove channel "+id, query, args{"id": id})
	if err == nil && removed == 0 {
		return failed("remove channel "+id, ErrNotFound)
	}
	return err
}

// MendChannel lets a channel count as well, and what it refused wait for delivery once
// more, at once. What the receiver has heard the sequel of stays refused: an opened
// notification must not arrive after its end.
func (s *Store) MendChannel(ctx context.Context, id string, now time.Time) error {
	const query = `
		with mended as (
			update connexie.notification_channels
			   set failures = 0, refusals = 0, failing_since = null, problem = null, retry_at = null, stopped_at = null
			 where id = @id)
		update connexie.notification_deliveries d
		   set state = 'pending', due_at = @now, attempts = 0
		 where d.channel_id = @id and d.state <> 'delivered'
		   and not exists (select from connexie.notification_deliveries later
		                    where later.notification_id = d.notification_id and later.channel_id = d.channel_id
		                      and later.event_number > d.event_number and later.state = 'delivered')`
	_, err := execute(ctx, s.pool, "mend channel "+id, query, args{"id": id, "now": now})
	return err
}
