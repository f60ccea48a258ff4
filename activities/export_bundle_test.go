package activities_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

const (
	createImport = "createHourImport"
	getImport    = "getHourImport"
	discardDraft = "discardHourImport"
	putPart      = "putHourImportPart"
	commitImport = "commitHourImport"

	hourCode = "H100"
)

var november = domain.Period{From: nov(1), To: nov(30)}

func nov(day int) domain.Date { return domain.NewDate(2026, time.November, day) }

// exportBundle is a bundle whose people are linked and whose hours have a code.
type exportBundle struct {
	*bundle

	sending   *activities.Sending
	exporting *activities.Exporting
}

func newExporting(t *testing.T, number int) *exportBundle {
	t.Helper()
	b := newBundle(t, people(number)...)
	require.NoError(t, b.sandbox.SetPermissions(account, sandbox.EmployeesRead, sandbox.ImportsWrite))
	for _, venue := range []string{"ven_1", "ven_2"} {
		require.NoError(t, b.sandbox.PutPayrollPeriod(account, sandbox.PayrollPeriod{
			ID: "pay_" + venue, VenueID: venue, StartDate: "2026-11-01", EndDate: "2026-11-30", Status: sandbox.PayrollOpen,
		}))
	}
	b.sync(b.newRun())
	b.code(store.CodeMapping{Kind: "hours", Code: hourCode})
	clock := func() time.Time { return now }
	return &exportBundle{
		bundle:    b,
		sending:   &activities.Sending{Store: b.db.Store, Accounts: b.reading.Accounts, Now: clock},
		exporting: &activities.Exporting{Store: b.db.Store, Now: clock},
	}
}

func (b *bundle) code(mapping store.CodeMapping) {
	b.Helper()
	require.NoError(b, b.db.Store.SetCodeMapping(b.Context(), b.connection, mapping, "cli", now))
}

// entry is a shift of eight hours, approved.
func (b *exportBundle) entry(person, venue string, day domain.Date, extras ...testkit.Extra) string {
	b.Helper()
	return b.db.Entry(b, testkit.Entry{
		OrganisationID: b.organisation, TeamMemberID: b.profileOf(person), VenueID: venue, Day: day, Extras: extras,
	})
}

// entries are so many shifts of one person at the bar, on the days of November in turn.
func (b *exportBundle) entries(person string, number int) {
	b.Helper()
	b.db.Exec(b, `
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, starts_at, ends_at, break_minutes,
		       minutes, kind, state)
		select gen_random_uuid(), $1, $2, $3, d, d + time '09:00', d + time '17:00', 0, 480, 'worked', 'approved'
		  from generate_series(1, $4::int) n
		 cross join lateral (select date '2026-11-01' + n % 30 as d) day`,
		b.organisation, b.profileOf(person), b.bar, number)
}

// newExport is an export of November's hours that has not been opened.
func (b *exportBundle) newExport() activities.ExportRun {
	return activities.ExportRun{
		ID: testkit.ID(b), ConnectionID: b.connection, WorkflowID: "export/" + b.connection, Period: november,
		Kinds: []domain.ExportKind{domain.ExportHours}, Mode: activities.ModeApply, RequestedBy: "user_42",
	}
}

func (b *exportBundle) check(of activities.ExportRun) activities.CheckExportResult {
	b.Helper()
	checked, err := run(b.bundle, b.sending.CheckExport, of)
	require.NoError(b, err)
	return checked
}

// prepare does what comes before sending, and returns the venues.
func (b *exportBundle) prepare(of activities.ExportRun) (counts domain.Counts, venues []activities.VenueStanding) {
	b.Helper()
	require.Empty(b, b.check(of).Problem)
	collected, err := run(b.bundle, b.exporting.SnapshotExport, of)
	require.NoError(b, err)
	asked, err := run(b.bundle, b.sending.AskPayroll, of)
	require.NoError(b, err)
	return collected.Counts, asked.Venues
}

// send sends one venue, slice by slice.
func (b *exportBundle) send(of activities.ExportRun, venue string) activities.VenueStanding {
	b.Helper()
	for {
		slice, err := run(b.bundle, b.sending.SendVenue, activities.VenueInput{Run: of, VenueID: venue})
		require.NoError(b, err)
		if slice.State != domain.VenueSending {
			return slice
		}
	}
}

func (b *exportBundle) mark(of activities.ExportRun, venue string) activities.VenueStanding {
	b.Helper()
	marked, err := run(b.bundle, b.exporting.MarkVenue, activities.VenueInput{Run: of, VenueID: venue})
	require.NoError(b, err)
	return marked
}

func (b *exportBundle) close(in activities.CloseExportInput) activities.ExportEnding {
	b.Helper()
	ending, err := run(b.bundle, b.exporting.CloseExport, in)
	require.NoError(b, err)
	return ending
}

// export does what the workflow does where nothing fails.
func (b *exportBundle) export(of activities.ExportRun) activities.ExportEnding {
	b.Helper()
	counts, venues := b.prepare(of)
	for _, venue := range venues {
		if venue.State == domain.VenuePlanned && b.send(of, venue.VenueID).State == domain.VenueCommitted {
			b.mark(of, venue.VenueID)
		}
	}
	return b.close(activities.CloseExportInput{Run: of, Counts: counts})
}

// try is one attempt at sending the bar's venue, which may fail.
func (b *exportBundle) try(of activities.ExportRun) (activities.VenueStanding, error) {
	b.Helper()
	return run(b.bundle, b.sending.SendVenue, activities.VenueInput{Run: of, VenueID: "ven_1"})
}

// ledger counts the lines that count in Connexie for November, by venue.
func (b *exportBundle) ledger(venue string) int {
	b.Helper()
	lines, err := b.sandbox.Ledger(account, venue, "2026-11-01", "2026-11-30")
	require.NoError(b, err)
	return len(lines)
}

// imports lists the statuses of all imports, in the order of their opening.
func (b *exportBundle) imports() []string {
	b.Helper()
	imports, err := b.sandbox.HourImports(account)
	require.NoError(b, err)
	var statuses []string
	for _, one := range imports {
		statuses = append(statuses, one.Status)
	}
	return statuses
}

// marked counts the entries that show as Exported.
func (b *exportBundle) marked() int {
	b.Helper()
	return testkit.Value[int](b, b.db, `select count(*) from eitje.hours where exported = 'Exported'`)
}

func (b *exportBundle) venue(of activities.ExportRun, venue string) store.ExportVenue {
	b.Helper()
	venues, err := b.db.Store.ExportVenues(b.Context(), of.ID)
	require.NoError(b, err)
	for _, one := range venues {
		if one.ConnexieVenueID == venue {
			return one
		}
	}
	require.Fail(b, "the export has no venue "+venue)
	return store.ExportVenue{}
}

func (b *exportBundle) calls(operation string) int {
	return b.sandbox.Counter(account, operation).Requests
}

// draftOf is a draft for November that is not ours.
func draftOf(venue string) connexie.NewHourImport {
	return connexie.NewHourImport{
		VenueID: venue, Start: november.From, End: november.To, Kinds: domain.ExportKinds(), IdempotencyKey: "someone-else/" + venue,
	}
}

// typeOf is the type of an application error, or empty.
func typeOf(err error) string {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return failure.Type()
	}
	return ""
}
