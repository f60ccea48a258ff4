package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/webhook"
	"github.com/eitje/connexie-worker/workflows"
)

// Channel is where an organisation is told of notifications, and how it fares.
type Channel struct {
	ChannelID      string `json:"channel_id"`
	OrganisationID string `json:"organisation_id"`
	Kind           string `json:"kind"`
	// Target is an address, or the host of a URL: its path is often a secret (N3).
	Target          string `json:"target"`
	MinimumSeverity string `json:"minimum_severity"`
	Enabled         bool   `json:"enabled"`
	SetBy           string `json:"set_by"`
	// State is ok, off, failing or stopped.
	State           string    `json:"state"`
	Problem         string    `json:"problem,omitempty"`
	FailingSince    time.Time `json:"failing_since,omitzero"`
	LastDeliveredAt time.Time `json:"last_delivered_at,omitzero"`
	Pending         int       `json:"pending"`
	Refused         int       `json:"refused"`
	NextStep        string    `json:"next_step,omitempty"`
	// SigningSecret is shown once, where it was made: whoever receives checks with it.
	SigningSecret string `json:"signing_secret,omitempty"`
}

// The states of a channel.
const (
	ChannelOK      = "ok"
	ChannelOff     = "off"
	ChannelFailing = "failing"
	ChannelStopped = "stopped"
)

func describeChannel(status store.ChannelStatus) Channel {
	channel := Channel{
		ChannelID: status.ID, OrganisationID: status.OrganisationID, Kind: string(status.Kind),
		Target: domain.ShownTarget(status.Kind, status.Target), MinimumSeverity: string(status.MinimumSeverity),
		Enabled: status.Enabled, SetBy: status.SetBy, State: ChannelOK, Problem: status.Standing.Problem,
		FailingSince: status.Standing.FailingSince, LastDeliveredAt: status.LastDeliveredAt,
		Pending: status.Pending, Refused: status.Refused,
	}
	test := "Mend the receiver, then: starter notifications channels test --channel " + status.ID
	switch {
	case !status.Enabled:
		channel.State = ChannelOff
	case !status.Standing.StoppedAt.IsZero():
		channel.State, channel.NextStep = ChannelStopped, test+". Nothing is sent until then; what waits is sent after it."
	case status.Refused > 0:
		channel.State, channel.NextStep = ChannelFailing, test+". What was refused is sent once more after it."
	case !status.Standing.FailingSince.IsZero():
		channel.State, channel.NextStep = ChannelFailing, "It is tried again by itself. To try at once: starter notifications channels test --channel "+status.ID
	}
	return channel
}

// Channels lists the channels of an organisation, or of all where it is empty. Needs
// the database.
func (o *Operator) Channels(ctx context.Context, organisationID string) ([]Channel, error) {
	if organisationID != "" && !isRecordID(organisationID) {
		return nil, malformed("List the connections with their organisations: starter status", "an organisation", organisationID)
	}
	found, err := o.store.Channels(ctx, organisationID)
	channels := make([]Channel, 0, len(found))
	for _, status := range found {
		channels = append(channels, describeChannel(status))
	}
	return channels, err
}

// ChannelSetting is where an organisation wants to be told from now on.
type ChannelSetting struct {
	OrganisationID string
	// Webhook and Email are the target; one of them is given.
	Webhook, Email string
	// Severity is the least that is told; warning where empty.
	Severity string
	// Off sends nothing, and keeps nothing new for later.
	Off bool
	// Secret is what a webhook is signed with; where empty the one it has, or a new one.
	Secret config.Secret
	// NewSecret makes a new one in place of the one it has.
	NewSecret bool
	By        string
}

// SetChannel adds a channel, or changes the one that the organisation has with this
// target. A channel that was set counts as well again; setting the same twice does
// no more than that.
// The secret that it made for a webhook is shown this one time. Needs the database and
// the key ring.
func (o *Operator) SetChannel(ctx context.Context, setting ChannelSetting) (Channel, error) {
	channel, err := o.checkChannel(setting)
	if err != nil {
		return Channel{}, err
	}
	had, err := o.store.FindChannel(ctx, channel.OrganisationID, channel.Kind, channel.Target)
	switch {
	case err == nil:
		channel.ID, channel.Secret = had.ID, had.Secret
	case errors.Is(err, store.ErrNotFound):
		channel.ID = uuid.Must(uuid.NewV7()).String()
	default:
		return Channel{}, err
	}
	made, err := o.signChannel(&channel, setting)
	if err != nil {
		return Channel{}, err
	}
	switch err := o.store.SetChannel(ctx, channel, o.now()); {
	case errors.Is(err, store.ErrNotFound):
		return Channel{}, notFound("List the connections with their organisations: starter status",
			"there is no organisation %q", setting.OrganisationID)
	case errors.Is(err, store.ErrChannelExists):
		return Channel{}, refused("Repeat it.", "somebody else has just added this channel")
	case err != nil:
		return Channel{}, err
	}
	set, err := o.store.ChannelByID(ctx, channel.ID)
	described := describeChannel(set)
	described.SigningSecret = made
	return described, err
}

func (o *Operator) checkChannel(setting ChannelSetting) (store.Channel, error) {
	const example = "Such as: starter notifications channels set --organisation ID --webhook https://example.com/hook, or --email ADDRESS"
	if !isRecordID(setting.OrganisationID) {
		return store.Channel{}, malformed("List the connections with their organisations: starter status", "an organisation", setting.OrganisationID)
	}
	by, err := requester(setting.By)
	if err != nil {
		return store.Channel{}, err
	}
	severity, err := severityOf(setting.Severity)
	if err != nil {
		return store.Channel{}, err
	}
	if severity == "" {
		severity = domain.SeverityWarning
	}
	channel := store.Channel{
		OrganisationID: setting.OrganisationID, Kind: domain.ChannelWebhook, Target: setting.Webhook,
		MinimumSeverity: severity, Enabled: !setting.Off, SetBy: by,
	}
	if setting.Email != "" {
		channel.Kind, channel.Target = domain.ChannelEmail, setting.Email
	}
	if (setting.Email == "") == (setting.Webhook == "") {
		return store.Channel{}, invalid(example, "a channel is either a webhook or an e-mail address")
	}
	if err := domain.CheckTarget(channel.Kind, channel.Target); err != nil {
		return store.Channel{}, invalid(example, "this cannot be a channel: %s", err)
	}
	return channel, nil
}

// signChannel seals what the channel is signed with, and returns it where it was made
// here.
func (o *Operator) signChannel(channel *store.Channel, setting ChannelSetting) (made string, err error) {
	secret := setting.Secret.Reveal()
	if channel.Kind == domain.ChannelEmail {
		if secret != "" || setting.NewSecret {
			return "", invalid("Leave the secret out.", "an e-mail address has no signing secret")
		}
		return "", nil
	}
	switch {
	case secret != "":
		if err := webhook.CheckSecret(secret); err != nil {
			return "", invalid("Leave it out to have one made.", "this is no signing secret: %s", err)
		}
	case setting.NewSecret, len(channel.Secret.Ciphertext) == 0:
		made = webhook.NewSecret()
		secret = made
	default:
		return "", nil
	}
	channel.Secret, err = sealSecret(o.keys, channel.ID, secret)
	return made, err
}

// RemoveChannel removes a channel with what waits for it. Needs the database.
func (o *Operator) RemoveChannel(ctx context.Context, channelID string) (Channel, error) {
	had, err := o.channel(ctx, channelID)
	if err != nil {
		return Channel{}, err
	}
	err = o.store.RemoveChannel(ctx, channelID)
	if errors.Is(err, store.ErrNotFound) {
		err = nil // somebody else was quicker
	}
	return describeChannel(had), err
}

func (o *Operator) channel(ctx context.Context, id string) (store.ChannelStatus, error) {
	const list = "List them: starter notifications channels list"
	if !isRecordID(id) {
		return store.ChannelStatus{}, malformed(list, "a channel", id)
	}
	found, err := o.store.ChannelByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return found, notFound(list, "there is no channel %q", id)
	}
	return found, err
}

// ChannelTest tells what became of a test.
type ChannelTest struct {
	Delivered bool    `json:"delivered"`
	Problem   string  `json:"problem,omitempty"`
	Channel   Channel `json:"channel"`
	Link      string  `json:"link,omitempty"`
}

// channelTestBound is how long a worker and a receiver may take together.
const channelTestBound = 90 * time.Second

// TestChannel has a worker send a test to a channel at once, from where notifications
// are sent too, and waits for what becomes of it. A channel that takes it counts as well
// again. Whoever asks while a test is under way shares it. Needs the database and
// Temporal.
func (o *Operator) TestChannel(ctx context.Context, channelID string) (ChannelTest, error) {
	found, err := o.channel(ctx, channelID)
	if err != nil {
		return ChannelTest{}, err
	}
	id := workflows.TestChannelID(found.ID)
	subject := "test channel " + found.ID
	asking, cancel := context.WithTimeout(ctx, channelTestBound)
	defer cancel()
	run, err := o.temporal.ExecuteWorkflow(asking, client.StartWorkflowOptions{
		ID: id, TaskQueue: workflows.QueueMain, StaticSummary: "Test a channel of notifications",
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionTimeout: 10 * time.Minute,
		Priority:                 temporal.Priority{PriorityKey: workflows.PriorityManual},
	}, workflows.TypeDeliverNotifications, workflows.DeliverNotificationsInput{TestChannelID: found.ID})
	if err != nil {
		return ChannelTest{}, fromEngine(subject, err)
	}
	var result workflows.DeliverNotificationsResult
	if err := run.Get(asking, &result); err != nil {
		if asking.Err() != nil && ctx.Err() == nil {
			return ChannelTest{}, &Problem{Kind: KindUnavailable, What: "no worker has sent the test to channel " + found.ID + " in time",
				NextStep: "Look whether a worker runs: starter doctor"}
		}
		return ChannelTest{}, o.endedBadly(ctx, subject, o.workflowLink(id), err)
	}
	if found, err = o.channel(ctx, channelID); err != nil {
		return ChannelTest{}, err
	}
	return ChannelTest{
		Delivered: result.Outcome == workflows.DeliveredOK, Problem: result.Problem, Channel: describeChannel(found), Link: o.workflowLink(id),
	}, nil
}
