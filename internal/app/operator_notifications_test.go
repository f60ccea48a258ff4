package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/internal/webhook"
)

// opens opens a notification and returns its id.
func (o operation) opens(t *testing.T, subject string, severity domain.Severity) string {
	t.Helper()
	notice := domain.Notice{Cause: domain.CauseDisputed, Subject: subject, Severity: severity, NextStep: "Decide."}
	_, err := o.db.Store.OpenNotices(t.Context(), o.connection, []domain.Notice{notice}, testkit.Now)
	require.NoError(t, err)
	return testkit.Value[string](t, o.db, `select id::text from connexie.notifications where subject = $1`, subject)
}

func (o operation) listed(t *testing.T, query app.NotificationQuery) []string {
	t.Helper()
	query.Limit = 100
	found, err := o.Notifications(t.Context(), query)
	require.NoError(t, err)
	subjects := []string{}
	for _, line := range found {
		subjects = append(subjects, line.Subject)
	}
	return subjects
}

func TestNotifications_N1_AreReadSnoozedAndListed(t *testing.T) {
	t.Parallel()
	o := operate(t)
	first := o.opens(t, "per_1", domain.SeverityInfo)
	second := o.opens(t, "per_2", domain.SeverityCritical)
	require.Equal(t, []string{"per_2", "per_1"}, o.listed(t, app.NotificationQuery{}))
	require.Equal(t, []string{"per_2"}, o.listed(t, app.NotificationQuery{Severity: "warning"}))
	require.Empty(t, o.listed(t, app.NotificationQuery{OrganisationID: o.db.Connection(t, o.db.Organisation(t)).OrganisationID}))
	_, err := o.Notifications(t.Context(), app.NotificationQuery{OrganisationID: testkit.ID(t)})
	requireProblem(t, err, app.KindNotFound, "has no connection")

	read, err := o.ReadNotification(t.Context(), first, "user_42")
	require.NoError(t, err)
	require.Equal(t, "user_42", read.ReadBy)
	require.Equal(t, []string{"per_2"}, o.listed(t, app.NotificationQuery{Unread: true, ConnectionID: o.connection}))

	tomorrow := domain.DayOf(time.Now()).AddDays(1)
	snoozed, err := o.SnoozeNotification(t.Context(), second, tomorrow.String(), "user_43")
	require.NoError(t, err)
	require.WithinDuration(t, tomorrow.At(0, 0), snoozed.SnoozedUntil, 0)
	require.Equal(t, []string{"per_1"}, o.listed(t, app.NotificationQuery{}))
	require.Equal(t, []string{"per_2", "per_1"}, o.listed(t, app.NotificationQuery{All: true}))
	status, err := o.Status(t.Context(), o.connection)
	require.NoError(t, err)
	require.Len(t, status.Notifications, 1)
	require.Equal(t, 1, status.Snoozed)
	again, err := o.UnsnoozeNotification(t.Context(), second, "")
	require.NoError(t, err)
	require.Zero(t, again.SnoozedUntil)
	require.Equal(t, "http://localhost:8233/namespaces/default/workflows?query=Connection%3D%22"+o.connection+"%22", again.Link)
}

func TestNotifications_BadInputIsAnsweredAndChangesNothing(t *testing.T) {
	t.Parallel()
	o := operate(t)
	id := o.opens(t, "per_1", domain.SeverityInfo)
	before := testkit.TakeSnapshot(t, o.db.URL)
	day := domain.DayOf(time.Now()).AddDays(1).String()
	for says, err := range map[string]error{
		"is not the id of a notification":  second(o.Notification(t.Context(), "'; drop table x; --")),
		"there is no notification":         second(o.ReadNotification(t.Context(), testkit.ID(t), "cli")),
		"is not an id":                     second(o.ReadNotification(t.Context(), id, "Jan de Vries")),
		"is neither a day nor an instant":  second(o.SnoozeNotification(t.Context(), id, "tomorrow", "cli")),
		"is not in the future":             second(o.SnoozeNotification(t.Context(), id, "2026-01-01", "cli")),
		"is more than a year away":         second(o.SnoozeNotification(t.Context(), id, "2999-01-01", "cli")),
		`"loud" is no severity`:            second(o.Notifications(t.Context(), app.NotificationQuery{Severity: "loud"})),
		"is not the id of an organisation": second(o.Notifications(t.Context(), app.NotificationQuery{OrganisationID: "x"})),
		"is not the id of a connection":    second(o.Notifications(t.Context(), app.NotificationQuery{ConnectionID: "x"})),
		"is not the id of a channel":       second(o.RemoveChannel(t.Context(), "x")),
		"there is no channel":              second(o.RemoveChannel(t.Context(), testkit.ID(t))),
	} {
		var problem *app.Problem
		require.ErrorAs(t, err, &problem, says)
		require.Contains(t, problem.What, says)
		require.NotEmpty(t, problem.NextStep)
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, o.db.URL))
	o.db.Exec(t, `update connexie.notifications set closed_at = now()`)
	_, err := o.SnoozeNotification(t.Context(), id, day, "cli")
	requireProblem(t, err, app.KindRefused, "is closed")
}

func TestChannels_N3_TheSecretIsShownOnceAndKeptSealed(t *testing.T) {
	t.Parallel()
	o := operate(t)
	const target = "https://hooks.example.com/services/s3cret-path"
	set := func(setting app.ChannelSetting) app.Channel {
		setting.OrganisationID, setting.Webhook = o.organisation, target
		channel, err := o.SetChannel(t.Context(), setting)
		require.NoError(t, err)
		return channel
	}
	first := set(app.ChannelSetting{})
	require.NoError(t, webhook.CheckSecret(first.SigningSecret))
	require.Equal(t, "https://hooks.example.com/…", first.Target)
	require.Equal(t, "warning", first.MinimumSeverity)
	require.Equal(t, app.ChannelOK, first.State)
	sealed := testkit.Value[[]byte](t, o.db, `select ciphertext from connexie.notification_channels`)
	require.NotContains(t, string(sealed), strings.TrimPrefix(first.SigningSecret, "whsec_"))

	again := set(app.ChannelSetting{Severity: "critical", Off: true})
	require.Equal(t, first.ChannelID, again.ChannelID, "the one with this target")
	require.Empty(t, again.SigningSecret)
	require.Equal(t, app.ChannelOff, again.State)
	require.Equal(t, sealed, testkit.Value[[]byte](t, o.db, `select ciphertext from connexie.notification_channels`))
	require.NotEqual(t, first.SigningSecret, set(app.ChannelSetting{NewSecret: true}).SigningSecret)
	require.Empty(t, set(app.ChannelSetting{Secret: config.NewSecret(webhook.NewSecret())}).SigningSecret, "who gave it knows it")
	channels, err := o.Channels(t.Context(), o.organisation)
	require.NoError(t, err)
	require.Len(t, channels, 1)
	require.Empty(t, channels[0].SigningSecret)
	removed, err := o.RemoveChannel(t.Context(), first.ChannelID)
	require.NoError(t, err)
	require.Equal(t, first.ChannelID, removed.ChannelID)
}

func TestChannels_BadInputIsAnsweredWithoutRepeatingSecrets(t *testing.T) {
	t.Parallel()
	o := operate(t)
	for says, setting := range map[string]app.ChannelSetting{
		"either a webhook or":    {OrganisationID: o.organisation},
		"either a webhook or an": {OrganisationID: o.organisation, Webhook: "https://example.com", Email: "a@example.com"},
		"begins with https://":   {OrganisationID: o.organisation, Webhook: "http://example.com/hunter2"},
		"no user or password":    {OrganisationID: o.organisation, Webhook: "https://u:hunter2@example.com/"},
		"one bare e-mail":        {OrganisationID: o.organisation, Email: "hunter2"},
		"is no severity":         {OrganisationID: o.organisation, Email: "a@example.com", Severity: "loud"},
		"no signing secret":      {OrganisationID: o.organisation, Webhook: "https://example.com", Secret: config.NewSecret("hunter2")},
		"has no signing secret":  {OrganisationID: o.organisation, Email: "a@example.com", NewSecret: true},
		"is not an id":           {OrganisationID: o.organisation, Email: "a@example.com", By: "Jan de Vries"},
		"is not the id of an":    {OrganisationID: "x", Email: "a@example.com"},
		"there is no":            {OrganisationID: testkit.ID(t), Email: "a@example.com"},
	} {
		_, err := o.SetChannel(t.Context(), setting)
		var problem *app.Problem
		require.ErrorAs(t, err, &problem, says)
		require.Contains(t, problem.What, says)
		require.NotContains(t, err.Error(), "hunter2")
	}
	require.Zero(t, testkit.Value[int](t, o.db, `select count(*) from connexie.notification_channels`))
}

// No notification tells of a channel that fails: it could not be delivered either.
func TestDoctor_N1_NamesTheChannelsThatFail(t *testing.T) {
	t.Parallel()
	o := operate(t)
	want := map[string]app.CheckStatus{}
	for target, tried := range map[string]domain.Attempt{
		"https://gone.example.com/s3cret-path": {Result: domain.SendGone, Problem: "it answered 410"},
		"https://away.example.com/s3cret-path": {Result: domain.SendLater, Problem: "it answered 503"},
		"https://well.example.com/s3cret-path": {Result: domain.Delivered},
	} {
		channel, err := o.SetChannel(t.Context(), app.ChannelSetting{OrganisationID: o.organisation, Webhook: target, Severity: "info"})
		require.NoError(t, err)
		o.opens(t, target, domain.SeverityInfo)
		for {
			turn, err := o.db.Store.TakeTurn(t.Context(), time.Minute, testkit.Now)
			if store.NothingDue(err) {
				break
			}
			require.NoError(t, err)
			due, err := o.db.Store.DueEvents(t.Context(), turn.Channel.ID, 1, testkit.Now)
			require.NoError(t, err)
			result := domain.Attempt{Result: domain.Delivered}
			if turn.Channel.ID == channel.ChannelID {
				result = tried
			}
			_, err = o.db.Store.NoteAttempt(t.Context(), turn, due, result, testkit.Now)
			require.NoError(t, err)
			require.NoError(t, o.db.Store.EndTurn(t.Context(), turn))
		}
		want["channel "+channel.ChannelID] = map[domain.SendResult]app.CheckStatus{
			domain.SendGone: app.CheckFailed, domain.SendLater: app.CheckWarn,
		}[tried.Result]
	}
	diagnosis := app.Diagnose(t.Context(), sickConfiguration(o.db.URL), zap.NewNop())
	found := statuses(diagnosis)
	for name, status := range want {
		require.Equal(t, status, found[name], name)
	}
	for _, check := range diagnosis.Checks {
		require.NotContains(t, check.Detail+check.NextStep, "s3cret")
	}
}
