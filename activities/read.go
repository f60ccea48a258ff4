package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/govalues/decimal"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Account is Connexie as one connection's token sees it.
type Account interface {
	GetAccount(ctx context.Context) (connexie.AccountInfo, error)
	ListVenues(ctx context.Context, request connexie.PageRequest) (connexie.VenuesPage, error)
	ListWageCodes(ctx context.Context, request connexie.PageRequest) (connexie.WageCodesPage, error)
	ListEmployees(ctx context.Context, request connexie.PageRequest) (connexie.PeoplePage, error)
	GetEmployee(ctx context.Context, id string) (domain.Person, error)
	EndEmployment(ctx context.Context, id string, end connexie.EmploymentEnd) (domain.Person, error)
	Imports
}

// Imports is what an export asks of Connexie.
type Imports interface {
	ListPayrollPeriods(ctx context.Context, request connexie.PayrollPeriodsRequest) ([]connexie.PayrollPeriod, error)
	CreateHourImport(ctx context.Context, draft connexie.NewHourImport) (connexie.HourImport, error)
	GetHourImport(ctx context.Context, id string) (connexie.HourImport, error)
	DiscardHourImport(ctx context.Context, id string) error
	PutHourImportPart(ctx context.Context, id string, part int, lines []connexie.HourLine) error
	CommitHourImport(
		ctx context.Context, id string, lineCount int, totals map[string]decimal.Decimal,
	) (connexie.HourImport, error)
}

// Accounts opens a connection's token and binds the client to it. The sealed token
// that comes back is what was opened; store.ErrNotFound says that there is none.
type Accounts interface {
	// Account uses the token in use.
	Account(ctx context.Context, connectionID string) (Account, store.SealedToken, error)
	// AccountToCheck prefers a new token that waits to be checked.
	AccountToCheck(ctx context.Context, connectionID string) (Account, store.SealedToken, error)
}

// Reading holds the activities that call Connexie. They run on a queue of their
// own, so that calls can be limited or paused without the database waiting.
type Reading struct {
	Store    *store.Store
	Accounts Accounts
	// Hasher recognises whoever has been erased (N5).
	Hasher store.IDHasher
	// Now is the clock.
	Now func() time.Time
	// SliceTime and SlicePages bound one slice; the defaults where zero.
	SliceTime  time.Duration
	SlicePages int
}

const (
	// pageLimit is the most that Connexie sends a page; an ETag is kept under it.
	pageLimit = 500
	// A slice bounds how long one activity runs, so that stopping a worker is
	// cheap and other connections get their turn.
	defaultSlicePages = 20
	defaultSliceTime  = time.Minute
	// maxRestarts bounds how often one reading begins again over an expired cursor:
	// Connexie keeps one for ten minutes, so that a list which outlives five of
	// them is not read today.
	maxRestarts = 5
)

// ReadPeopleInput is one slice of a reading.
type ReadPeopleInput struct {
	Run      Run      `json:"run"`
	Position Position `json:"position"`
}

// Position is where a reading stands between slices and attempts.
type Position struct {
	// Reading is the number of the reading; zero before it has begun.
	Reading int64  `json:"reading"`
	Page    int    `json:"page"`
	Cursor  string `json:"cursor"`
	// ETag came with the first page and is kept when the reading completes.
	ETag string `json:"etag"`
	// Restarts counts how often a cursor expired.
	Restarts int `json:"restarts"`
	// People and Unreadable count what was read; the latter are records without so
	// much as an id.
	People     int `json:"people"`
	Unreadable int `json:"unreadable"`
}

// ReadPeopleResult tells how far the slice came.
type ReadPeopleResult struct {
	Position Position `json:"position"`
	Done     bool     `json:"done"`
	// Day is the Amsterdam day that the run decides for, fixed when it was opened.
	Day domain.Date `json:"day"`
	// OrganisationID is whose connection it is.
	OrganisationID string `json:"organisation_id"`
	// Unchanged tells that Connexie answered 304: the mirror is what it was.
	Unchanged bool `json:"unchanged"`
}

// ReadPeople opens the run, brings venues and wage codes up to date, and reads one
// slice of Connexie's people into the mirror, or the one person of a one-person
// run. Nothing is fetched where the list's ETag says that nothing changed. A cursor
// that expired begins the list again under a new number, a bounded number of
// times.
//
// It may be repeated: pages are upserted by person. Errors: ConnexieTokenRefused,
// ConnexieForbidden, ConnexieRateLimited, ConnexieUnavailable, ConnexieProtocol,
// ReadingIncomplete (S14), InvalidInput (Connexie does not know the person, or the person
// has been erased), Configuration (erased people cannot be recognised), FenceLost,
// Database.
func (a *Reading) ReadPeople(ctx context.Context, in ReadPeopleInput) (ReadPeopleResult, error) {
	opened, connection, err := openRun(ctx, a.Store, in.Run, a.Now())
	if err != nil {
		return ReadPeopleResult{}, err
	}
	account, token, err := a.account(ctx, in.Run.ConnectionID, a.Accounts.Account)
	if err != nil {
		return ReadPeopleResult{}, err
	}
	r := &reader{Reading: a, run: in.Run, account: account, position: in.Position}
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &r.position); err != nil {
			return ReadPeopleResult{}, fmt.Errorf("read the position of the attempt before: %w", err)
		}
	}
	if in.Run.full() {
		if r.fence, err = a.Store.BumpFence(ctx, in.Run.ConnectionID, in.Run.ID); err != nil {
			return ReadPeopleResult{}, fromStore(err)
		}
	}
	done, err := r.slice(ctx)
	if err != nil {
		return ReadPeopleResult{}, a.noteRefusal(ctx, in.Run.ConnectionID, token, err)
	}
	return ReadPeopleResult{
		Position: r.position, Done: done, Unchanged: r.unchanged,
		Day: opened.Day, OrganisationID: connection.OrganisationID,
	}, nil
}

// noteRefusal passes an error on; where it says that Connexie refused the token, the
// connection needs another from now on and somebody is told (C8).
func (a *Reading) noteRefusal(ctx context.Context, connectionID string, token store.SealedToken, err error) error {
	if typeOf(err) != ErrorTokenRefused {
		return err
	}
	if noteErr := a.Store.RefuseToken(ctx, connectionID, token, a.Now()); noteErr != nil {
		return fromStore(noteErr)
	}
	return err
}

// account opens the connection's token. Without one the connection waits for one
// just as if it had been refused (C1).
func (a *Reading) account(
	ctx context.Context, connectionID string, open func(context.Context, string) (Account, store.SealedToken, error),
) (Account, store.SealedToken, error) {
	account, sealed, err := open(ctx, connectionID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, sealed, a.noteRefusal(ctx, connectionID, store.SealedToken{}, temporal.NewNonRetryableApplicationError(
			"connection "+connectionID+" has no token; set one with: starter activate", ErrorTokenRefused, nil))
	case store.IsRetryable(err), ctx.Err() != nil: // a worker that stops is no missing key
		return nil, sealed, fromStore(err)
	case err != nil:
		return nil, sealed, temporal.NewNonRetryableApplicationError(err.Error(), ErrorConfiguration, nil)
	}
	return account, sealed, nil
}

// reader is one slice of a reading.
type reader struct {
	*Reading
	run       Run
	account   Account
	fence     int64
	position  Position
	unchanged bool
}

func (r *reader) slice(ctx context.Context) (done bool, err error) {
	if r.run.OnlyConnexieID != "" {
		return true, r.readOne(ctx)
	}
	if r.position.Reading == 0 {
		if err := r.catalogue().refresh(ctx); err != nil {
			return false, err
		}
	}
	return r.readPages(ctx)
}

func (r *reader) readPages(ctx context.Context) (done bool, err error) {
	request, err := r.nextPage(ctx)
	if err != nil {
		return false, err
	}
	begin := r.Now()
	pages, stop := r.readAhead(ctx, request, r.slicePages())
	defer stop()
	for page := range pages {
		if done, err = r.take(ctx, page); err != nil || done {
			return done, err
		}
		activity.RecordHeartbeat(ctx, r.position)
		if stopping(ctx) || r.Now().Sub(begin) >= r.sliceTime() {
			return false, nil
		}
		if expired(page.err) {
			return r.readPages(ctx) // from the beginning; take bounds how often
		}
	}
	return false, fromConnexie(r.subject(), ctx.Err())
}

func (r *reader) slicePages() int {
	if r.SlicePages > 0 {
		return r.SlicePages
	}
	return defaultSlicePages
}

func (r *reader) sliceTime() time.Duration {
	if r.SliceTime > 0 {
		return r.SliceTime
	}
	return defaultSliceTime
}

// nextPage is the request for the page where the reading stands.
func (r *reader) nextPage(ctx context.Context) (request connexie.PageRequest, err error) {
	request = connexie.PageRequest{Cursor: r.position.Cursor, Limit: pageLimit}
	if r.position.Reading == 0 {
		request.ETag, err = r.Store.ETag(ctx, r.run.ConnectionID, store.ListPeople, pageLimit)
	}
	return request, fromStore(err)
}

// take saves one page and concludes the reading after the last.
func (r *reader) take(ctx context.Context, fetched fetchedPage) (done bool, err error) {
	page, err := fetched.page, fetched.err
	if expired(err) {
		return false, r.restart()
	}
	if err != nil {
		return false, fromConnexie(r.subject(), err)
	}
	if page.NotModified {
		r.unchanged = true
		return true, nil
	}
	if err := r.save(ctx, page); err != nil {
		return false, err
	}
	if page.Next != "" {
		return false, nil
	}
	return true, r.complete(ctx)
}

func (r *reader) subject() string {
	return "read the people of connection " + r.run.ConnectionID
}

func expired(err error) bool {
	var failure *connexie.Error
	return errors.As(err, &failure) && failure.Code == connexie.CodeCursorExpired
}

// restart begins the list again under a new number.
func (r *reader) restart() error {
	if r.position.Restarts >= maxRestarts {
		return temporal.NewNonRetryableApplicationError(fmt.Sprintf(
			"%s: the cursor expired %d times before the list ended (S14); nothing was concluded; synchronise again later",
			r.subject(), r.position.Restarts+1), ErrorReading, nil)
	}
	r.position = Position{Restarts: r.position.Restarts + 1}
	return nil
}

func (r *reader) save(ctx context.Context, page connexie.PeoplePage) error {
	if r.position.Reading == 0 {
		number, err := r.Store.StartReading(ctx, r.run.ConnectionID, r.Now())
		if err != nil {
			return fromStore(err)
		}
		r.position.Reading, r.position.ETag = number, page.ETag
		if err := r.Store.SetReading(ctx, r.run.ID, number); err != nil {
			return fromStore(err)
		}
	}
	mirrored := store.MirrorPage{
		ConnectionID: r.run.ConnectionID, Fence: r.fence, Hasher: r.Hasher,
		Reading: r.position.Reading, Page: r.position.Page + 1, People: page.People,
	}
	for _, bad := range page.Bad {
		// Whoever could not be read must be looked at again, also where nothing in
		// the list changes: the cause may have passed.
		r.position.ETag = ""
		if bad.ID == "" {
			r.position.Unreadable++
		}
		mirrored.Bad = append(mirrored.Bad, store.BadRecord{ID: bad.ID, Reason: bad.Reason})
	}
	if _, err := r.Store.SavePage(ctx, mirrored); err != nil {
		return fromStore(err)
	}
	r.position.Page++
	r.position.Cursor = page.Next
	r.position.People += len(page.People) + len(page.Bad)
	return nil
}

// complete concludes what only a whole reading can tell (S14).
func (r *reader) complete(ctx context.Context) error {
	if number := r.position.Unreadable; number > 0 {
		notice := domain.UnreadableRecordNotice(r.run.ConnectionID, number)
		if _, err := r.Store.OpenNotices(ctx, r.run.ConnectionID, []domain.Notice{notice}, r.Now()); err != nil {
			return fromStore(err)
		}
	}
	return fromStore(r.Store.CompleteReading(ctx, store.CompletedReading{
		ConnectionID: r.run.ConnectionID, Fence: r.fence, Number: r.position.Reading,
		ETag: r.position.ETag, PageLimit: pageLimit, Nameless: r.position.Unreadable > 0,
	}, r.Now()))
}

// readOne reads the one person of a one-person run (S20).
func (r *reader) readOne(ctx context.Context) error {
	id := r.run.OnlyConnexieID
	mirrored := store.MirrorPage{ConnectionID: r.run.ConnectionID, Hasher: r.Hasher}
	person, err := r.account.GetEmployee(ctx, id)
	var failure *connexie.Error
	switch {
	case errors.As(err, &failure) && failure.Code == connexie.CodeNotFound:
		return invalidInput("connexie does not know person %s; look the id up in Connexie", id)
	case errors.As(err, &failure) && failure.Code == connexie.CodeBadRecord:
		mirrored.Bad = []store.BadRecord{{ID: id, Reason: failure.Reason}}
	case err != nil:
		return fromConnexie("read person "+id, err)
	default:
		mirrored.People = []domain.Person{person}
	}
	_, err = r.Store.SavePage(ctx, mirrored)
	if errors.Is(err, store.ErrErased) {
		return invalidInput("person %s has been erased and is left out until somebody lifts that (N5): starter erase lift", id)
	}
	if err != nil {
		return fromStore(err)
	}
	r.position.People = 1
	return fromStore(r.Store.SeePerson(ctx, r.run.ConnectionID, id))
}

// stopping reports whether the worker is shutting down: a slice then ends early and
// the next one goes on elsewhere.
func stopping(ctx context.Context) bool {
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return true
	default:
		return false
	}
}
