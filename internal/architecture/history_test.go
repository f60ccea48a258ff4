package architecture_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// travels lists every member of whatever a workflow or an activity takes or gives,
// and of the messages: all that can stand in a history or be shown by a query. A new
// one is added here by somebody who has thought about N4.
var travels = []string{
	"accepted", "acknowledge_unmapped", "after", "allowed", "automatic", "by", "by_hand", "carried", "channel_id",
	"closed", "confirmed_by", "connected", "connection_id", "connection_ids", "contracts_ended", "counts", "creations",
	"cursor", "day", "decision", "delivered", "differing", "done", "drop_id", "dropped", "due_at", "end_date",
	"end_there", "ended", "ending_id", "endings", "etag", "event_id", "export_id", "from", "guarded", "held", "housekeeping",
	"housekeeping_id", "joined", "keep_id", "kinds", "left", "left_out", "limit", "lines", "mode", "need_token",
	"next_at", "next_step", "night", "night_id", "only_connexie_id", "organisation_id", "outcome", "page", "pass",
	"people", "period", "position", "preview_first", "problem", "quarantined", "reactivations", "reading", "reason",
	"refused", "rejects", "reminder", "reminders", "repair_id", "requested_by", "restarts", "run", "run_id",
	"scheduled", "sent", "settled", "stage", "standing", "started", "starts_per_second", "state", "task",
	"team_member_id", "test_channel_id", "to", "total", "trigger", "unanswered", "unchanged", "undecided", "unmapped",
	"unreadable", "unsettled", "until", "venue_id", "venues", "wage_codes", "workflow_id", "workflow_ids",
}

// personal are words for what must never travel.
var personal = regexp.MustCompile(
	`name|mail|phone|birth|street|house|postal|city|country|address|wage|hourly|title|bsn|iban|bank|secret|password|token`)

// TestHistory_N4_CarriesIDsAndCounts holds the types of all workflows, activities and
// messages against the list of what may travel.
func TestHistory_N4_CarriesIDsAndCounts(t *testing.T) {
	t.Parallel()
	found := members{}
	for _, carried := range carriers() {
		found.collect(t, carried)
	}
	require.Equal(t, travels, slices.Sorted(maps.Keys(found)))
}

func TestHistory_N4_NoMemberIsPersonal(t *testing.T) {
	t.Parallel()
	// How many tokens, or wage codes, there are says nothing about anybody.
	counts := []string{"need_token", "wage_codes", "housekeeping", "housekeeping_id"}
	for _, member := range travels {
		if !slices.Contains(counts, member) {
			require.NotRegexp(t, personal, member)
		}
	}
}

// carriers are the types that travel: arguments and results of what the workers
// register, and the messages.
func carriers() []reflect.Type {
	registered := &registry{}
	workflows.Register(registered, workflows.MainActivities{
		Syncing: &activities.Syncing{}, Nights: &activities.Nights{}, Exporting: &activities.Exporting{},
		Removing: &activities.Removing{},
		Endings:  &activities.Endings{}, Repairing: &activities.Repairing{},
		Keeping: &activities.Keeping{},
	})
	workflows.RegisterCalls(registered, workflows.CallActivities{
		Reading: &activities.Reading{}, Sending: &activities.Sending{}, Leaving: &activities.EndingInConnexie{},
	})
	workflows.RegisterDeliveries(registered, workflows.DeliveryActivities{Delivering: &activities.Delivering{}})
	var types []reflect.Type
	for _, function := range registered.functions {
		types = slices.AppendSeq(types, function.Ins())
		types = slices.AppendSeq(types, function.Outs())
	}
	return append(types,
		reflect.TypeFor[workflows.RequestSyncInput](), reflect.TypeFor[workflows.RequestSyncResult](),
		reflect.TypeFor[workflows.DecideGuardInput](), reflect.TypeFor[workflows.DecideGuardResult](),
		reflect.TypeFor[workflows.SyncProgress](), reflect.TypeFor[workflows.NightProgress](),
		reflect.TypeFor[workflows.ActivationStatus](), reflect.TypeFor[workflows.ExportProgress](),
		reflect.TypeFor[workflows.RemovalStatus](), reflect.TypeFor[workflows.RepairStanding](),
		reflect.TypeFor[workflows.EndingStatus](), reflect.TypeFor[workflows.CheckConnexieInput](),
		reflect.TypeFor[workflows.ConfirmEndInput](), reflect.TypeFor[workflows.ChangeEndDateInput](), reflect.TypeFor[workflows.WithdrawInput](),
		reflect.TypeFor[workflows.HousekeepingProgress](),
		reflect.TypeFor[workflows.CancelInput](), reflect.TypeFor[workflows.CancelResult](),
	)
}

// registry notes what would be registered with a worker.
type registry struct {
	worker.Registry

	functions []reflect.Type
}

func (r *registry) RegisterWorkflow(function any) {
	r.functions = append(r.functions, reflect.TypeOf(function))
}

func (r *registry) RegisterActivity(of any) {
	for _, method := range reflect.ValueOf(of).Methods() {
		r.functions = append(r.functions, method.Type())
	}
}

func (r *registry) RegisterActivityWithOptions(of any, _ activity.RegisterOptions) {
	r.RegisterActivity(of)
}

// members is a set of names of JSON members.
type members map[string]bool

// plain are types without members of their own: texts, numbers, dates, and counts by
// fixed words.
var plain = []reflect.Type{
	reflect.TypeFor[time.Time](), reflect.TypeFor[domain.Date](), reflect.TypeFor[domain.Counts](),
}

// collect adds the members of a type, and refuses types that could carry anything.
func (m members) collect(t *testing.T, of reflect.Type) {
	t.Helper()
	if of == reflect.TypeFor[workflow.Context]() || of.String() == "context.Context" || of == reflect.TypeFor[error]() ||
		slices.Contains(plain, of) {
		return
	}
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		m.collect(t, of.Elem())
	case reflect.Struct:
		m.fields(t, of)
	case reflect.Interface, reflect.Map, reflect.Func, reflect.Chan:
		require.Fail(t, fmt.Sprintf("%s may carry anything", of))
	default:
		// A text, a number or a truth.
	}
}

func (m members) fields(t *testing.T, of reflect.Type) {
	t.Helper()
	for field := range of.Fields() {
		if !field.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		require.NotEmpty(t, name, "%s.%s has no name on the wire", of, field.Name)
		m[name] = true
		m.collect(t, field.Type)
	}
}
