package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Sending holds the activities of an export that call Connexie.
type Sending struct {
	Store    *store.Store
	Accounts Accounts
	// Now is the clock.
	Now func() time.Time
	// SliceTime and SliceParts bound one slice of sending; the defaults where zero.
	SliceTime  time.Duration
	SliceParts int
}

// calls are what reading Connexie and sending to it share: the connection's token, and
// what follows when it is refused.
func (a *Sending) calls() *Reading {
	return &Reading{Store: a.Store, Accounts: a.Accounts, Now: a.Now}
}

// withAccount lets something be done with the connection's token, and notes where
// Connexie refuses it (C8).
func (a *Sending) withAccount(ctx context.Context, connectionID string, do func(Account) error) error {
	account, token, err := a.calls().account(ctx, connectionID, a.Accounts.Account)
	if err != nil {
		return err
	}
	return a.calls().noteRefusal(ctx, connectionID, token, do(account))
}

// CheckExportResult tells whether an export may go on.
type CheckExportResult struct {
	// OrganisationID is whose connection it is.
	OrganisationID string `json:"organisation_id"`
	// Problem says in sentences why the export is refused: the rules, the ids and what
	// to do next. It is empty where the export may go on.
	Problem string `json:"problem,omitempty"`
}

// CheckExport opens the export and asks everything that can be known before anything is
// collected: that the token may import, that nothing is undecided and no code is wanting
// or gone (C3, C6, C7), that the kinds are those of before (X7) and that the period cuts
// nothing (X10). What it refuses is a result. It also settles what earlier exports left
// behind.
//
// It may be repeated. Errors: InvalidInput (no such connection, or one that is not
// active), ConnexieTokenRefused, ConnexieForbidden, ConnexieRateLimited,
// ConnexieUnavailable, ConnexieProtocol, FenceLost (the export has ended), Database.
func (a *Sending) CheckExport(ctx context.Context, in ExportRun) (CheckExportResult, error) {
	export, connection, err := openExport(ctx, a.Store, in, a.Now())
	if err != nil {
		return CheckExportResult{}, err
	}
	if export.Closed() {
		return CheckExportResult{}, exportEnded(in.ID)
	}
	result := CheckExportResult{OrganisationID: connection.OrganisationID}
	err = a.withAccount(ctx, in.ConnectionID, func(account Account) error {
		c := &exportCheck{Sending: a, run: in, account: account}
		problems, err := c.problems(ctx)
		result.Problem = strings.Join(problems, "\n")
		return err
	})
	return result, err
}

// exportCheck is one attempt at checking an export.
type exportCheck struct {
	*Sending

	run     ExportRun
	account Account
}

func (c *exportCheck) problems(ctx context.Context) ([]string, error) {
	if problem, err := c.permission(ctx); err != nil || problem != "" {
		return []string{problem}, err
	}
	if err := c.settleStrays(ctx); err != nil {
		return nil, err
	}
	lists := catalogue{Reading: c.calls(), connectionID: c.run.ConnectionID, account: c.account}
	if err := lists.wageCodes(ctx); err != nil {
		return nil, err
	}
	configuration, err := c.Store.ExportConfiguration(ctx, c.run.ConnectionID, c.run.Kinds)
	if err != nil {
		return nil, fromStore(err)
	}
	problems := configuration.Problems(c.run.ConnectionID, c.run.Kinds)
	current, err := c.Store.CurrentImports(ctx, c.run.ConnectionID)
	if err != nil {
		return nil, fromStore(err)
	}
	if missing := domain.CheckKinds(c.run.Period, c.run.Kinds, current); len(missing) > 0 {
		problems = append(problems, fewerKinds(c.run, missing))
	}
	cut, err := c.cut(ctx, current)
	if cut != "" {
		problems = append(problems, cut)
	}
	return problems, err
}

// permission asks whose token it is and what it may.
func (c *exportCheck) permission(ctx context.Context) (problem string, err error) {
	info, err := c.account.GetAccount(ctx)
	if err != nil {
		return "", fromConnexie("check the token of connection "+c.run.ConnectionID, err)
	}
	if c.run.preview() || slices.Contains(info.Permissions, connexie.PermissionWriteImports) {
		return "", nil
	}
	return "C1: the token of connection " + c.run.ConnectionID + " may not import hours. " +
		"Grant it " + connexie.PermissionWriteImports + " in Connexie, then export again.", nil
}

// settleStrays finds out what became of what earlier exports were sending when they
// ended: a draft is discarded; what was committed after all is held like any other, which
// this export then replaces (X8).
func (c *exportCheck) settleStrays(ctx context.Context) error {
	if c.run.preview() {
		return nil
	}
	strays, err := c.Store.StrayDrafts(ctx, c.run.ConnectionID)
	if err != nil {
		return fromStore(err)
	}
	for _, stray := range strays {
		if err := c.settle(ctx, stray); err != nil {
			return err
		}
		activity.RecordHeartbeat(ctx)
	}
	return nil
}

func (c *exportCheck) settle(ctx context.Context, stray store.Draft) error {
	importID, err := c.importOf(ctx, stray)
	if err != nil {
		return err
	}
	committed := false
	if importID != "" {
		found, err := withdraw(ctx, c.account, importID)
		if err != nil {
			return err
		}
		committed = found.Status == connexie.ImportCommitted
	}
	return fromStore(c.Store.SettleDraft(ctx, stray.ExportID, stray.ConnexieVenueID, importID, committed, c.Now()))
}

// importOf finds a draft whose id was never noted by the key that opened it; where none
// was opened the key opens one, to be discarded. It is empty where there can be none.
func (c *exportCheck) importOf(ctx context.Context, stray store.Draft) (string, error) {
	if stray.ImportID != "" {
		return stray.ImportID, nil
	}
	export, err := c.Store.Export(ctx, stray.ExportID)
	if err != nil {
		return "", fromStore(err)
	}
	in := VenueInput{VenueID: stray.ConnexieVenueID, Run: ExportRun{ID: export.ID, Period: export.Period, Kinds: export.Kinds}}
	found, err := c.account.CreateHourImport(ctx, newDraft(in, stray.Attempt))
	switch codeOf(err) {
	case connexie.CodePayrollAlreadyRun, connexie.CodeNotFound, connexie.CodeValidationFailed:
		return "", nil
	}
	return found.ID, fromImports("find the draft of venue "+stray.ConnexieVenueID, err)
}

// withdraw discards a draft and answers with the import as it is then: it may turn out to
// be none any more, and count.
func withdraw(ctx context.Context, account Account, importID string) (connexie.HourImport, error) {
	err := account.DiscardHourImport(ctx, importID)
	switch {
	case err == nil:
		return connexie.HourImport{ID: importID, Status: connexie.ImportDiscarded}, nil
	case codeOf(err) != connexie.CodeImportState:
		return connexie.HourImport{}, fromImports("discard import "+importID, err)
	}
	found, err := account.GetHourImport(ctx, importID)
	if err != nil {
		return connexie.HourImport{}, fromImports("read import "+importID, err)
	}
	return found, nil
}

// discard throws a draft away; that it is committed, or gone, is well.
func discard(ctx context.Context, account Account, importID string) error {
	err := account.DiscardHourImport(ctx, importID)
	if err == nil || codeOf(err) == connexie.CodeImportState {
		return nil
	}
	return fromImports("discard import "+importID, err)
}

func codeOf(err error) connexie.Code {
	if failure, ok := errors.AsType[*connexie.Error](err); ok {
		return failure.Code
	}
	return ""
}

func fewerKinds(run ExportRun, missing []domain.ExportKind) string {
	wanted := slices.DeleteFunc(domain.ExportKinds(), func(kind domain.ExportKind) bool {
		return !slices.Contains(run.Kinds, kind) && !slices.Contains(missing, kind)
	})
	return fmt.Sprintf("X7: a later export of the same period covers at least all kinds exported before, and %s went out "+
		"before. An export replaces the period as a whole: what is left out would be gone from Connexie. "+
		"Export again with --kinds %s.",
		strings.ReplaceAll(joined(missing), ",", " and "), joined(wanted))
}

func joined(kinds []domain.ExportKind) string {
	texts := make([]string, len(kinds))
	for i, kind := range kinds {
		texts[i] = string(kind)
	}
	return strings.Join(texts, ",")
}

// cut says which periods would do where the requested one would cut what an earlier
// export holds (X10). Days whose payroll has begun are closed and count no more; payroll
// is asked about them only where it matters.
func (c *exportCheck) cut(ctx context.Context, current []domain.CurrentImport) (string, error) {
	if _, fits := domain.CheckPeriod(c.run.Period, current, nil); fits {
		return "", nil
	}
	var closed []domain.ClosedDays
	for _, held := range current {
		if !held.Overlaps(c.run.Period) || c.run.Period.Contains(held.Period) {
			continue
		}
		days, _, err := closedDays(ctx, c.account, held.ConnexieVenueID, held.Period)
		if err != nil {
			return "", err
		}
		closed = append(closed, days...)
		activity.RecordHeartbeat(ctx)
	}
	wouldDo, fits := domain.CheckPeriod(c.run.Period, current, closed)
	if fits {
		return "", nil
	}
	return cutPeriod(c.run.Period, wouldDo), nil
}

func cutPeriod(period domain.Period, wouldDo []domain.Period) string {
	text := fmt.Sprintf("X10: %s to %s cuts a period that was exported before.", period.From, period.To)
	if len(wouldDo) == 0 {
		return text + " No period of at most 62 days contains both: export the earlier periods again as they were."
	}
	texts := make([]string, len(wouldDo))
	for i, p := range wouldDo {
		texts[i] = fmt.Sprintf("--from %s --to %s", p.From, p.To)
	}
	return text + " These would do: " + strings.Join(texts, ", or ") + "."
}
