package web_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/internal/web"
)

func TestWeb_AConnectionIsShownAsItStands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var before web.Connection
	b.ask(t, "GET", "/v1/connections/"+b.ours.ID, "").into(t, &before)
	require.Equal(t, "active", before.State)
	require.Equal(t, b.ours.OrganisationID, before.OrganisationID)
	require.Equal(t, testkit.Now, before.ActivatedAt.UTC())
	require.Equal(t, b.ourRun, before.LastRun.RunID)
	require.Equal(t, "reading", before.LastRun.Stage)
	require.Empty(t, before.LastRun.Outcome)
	require.NotNil(t, before.People)
	require.NotNil(t, before.Notifications)

	var notices []domain.Notice
	for i := range 103 {
		notices = append(notices, domain.Notice{
			Cause: domain.CauseMissing, Subject: fmt.Sprintf("emp_%04d", i), Severity: domain.SeverityWarning, NextStep: "Look there.",
		})
	}
	_, err := b.db.Store.OpenNotices(t.Context(), b.ours.ID, notices, testkit.Now)
	require.NoError(t, err)
	var after web.Connection
	b.ask(t, "GET", "/v1/connections/"+b.ours.ID, "").into(t, &after)
	require.Equal(t, 103, after.OpenNotifications)
	require.Len(t, after.Notifications, 100)
	require.Equal(t, web.Notification{
		NotificationID: after.Notifications[0].NotificationID, Cause: string(domain.CauseMissing), Subject: "emp_0000",
		Severity: "warning", NextStep: "Look there.", OpenedAt: after.Notifications[0].OpenedAt,
	}, after.Notifications[0])
}

func TestWeb_S16_AHeldRunIsShownAsHeld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, `update connexie.sync_runs set stage = 'held', total = 80, counts = '{"new": 80}' where id = $1`, b.ourRun)
	var run web.Run
	b.ask(t, "GET", "/v1/runs/"+b.ourRun, "").into(t, &run)
	require.Equal(t, web.Run{
		RunID: b.ourRun, ConnectionID: b.ours.ID, Trigger: "manual", Mode: "apply", RequestedBy: "user_42",
		Day: "2026-11-22", Stage: "held", Total: 80, Counts: domain.Counts{"new": 80}, Outcome: "held",
		StartedAt: run.StartedAt,
	}, run)
	require.WithinDuration(t, testkit.Now, run.StartedAt, time.Second)
}

func TestWeb_ItemsComeInPagesThatMissNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 7 {
		b.db.Exec(t, `
			insert into connexie.sync_items (run_id, connexie_id, situation, action, reactivates, reason, rule, changes, steps, state)
			values ($1, $2, 'new', 'create', false, '', 'S4', '[{"object":"team_member","field":"last_name","after":"Vries"}]', '[]', 'planned')`,
			b.ourRun, fmt.Sprintf("emp_%04d", i))
	}
	var seen []string
	after := ""
	for pages := 1; ; pages++ {
		var page web.ItemPage
		b.ask(t, "GET", "/v1/runs/"+b.ourRun+"/items?limit=3"+after, "").into(t, &page)
		for _, item := range page.Items {
			seen = append(seen, item.ConnexieID)
			require.Equal(t, []web.Change{{Object: "team_member", Field: "last_name", After: "Vries"}}, item.Changes)
		}
		if page.Next == "" {
			require.Equal(t, 3, pages)
			break
		}
		after = "&after=" + page.Next
	}
	require.Equal(t, []string{"emp_0000", "emp_0001", "emp_0002", "emp_0003", "emp_0004", "emp_0005", "emp_0006"}, seen)

	empty := b.ask(t, "GET", "/v1/runs/"+b.thRun+"/items", "", "Authorization", "Bearer "+theirKey)
	require.JSONEq(t, `{"items":[]}`, empty.text)
}

func TestWeb_ADatabaseThatIsGoneIsOurFault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Store.Close()
	b.ask(t, "GET", "/v1/connections/"+b.ours.ID, "").problem(t, http.StatusInternalServerError)
	require.NotEmpty(t, b.log.failures)
}
