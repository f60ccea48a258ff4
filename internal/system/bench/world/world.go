package world

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eitje/connexie-worker/internal/eitjeseed"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/store"
)

const (
	seedNumber = 1
	// warmUpPeople is the size of the organisation that is synchronised before
	// anything is measured.
	warmUpPeople = 20
)

// World is one organisation of a size, and a small one to warm up with.
type World struct {
	// ConnexieURL is the sandbox's API.
	ConnexieURL string
	People      int
	// Entries is how many entries of work the organisation has; none where only people
	// are synchronised.
	Entries int
	// Big is what is measured, WarmUp what comes before.
	Big, WarmUp Organisation
	// FloorToken is that of the account that the floor uses; empty without entries, where
	// it uses that of Big.
	FloorToken string

	admin    *pgxpool.Pool
	server   *url.URL
	sandbox  *sandbox.Sandbox
	ids      []string
	codes    []seed.Code
	expected map[string]int
	template string
	stop     func() error
	made     int
}

// Organisation is one organisation's name on both sides.
type Organisation struct {
	ID        string
	AccountID string
	Token     string
}

// New makes a world on the PostgreSQL server of a URL, whose user may create
// databases. Close gives everything back.
func New(ctx context.Context, serverURL string, people int) (*World, error) {
	return build(ctx, serverURL, people, 0)
}

func build(ctx context.Context, serverURL string, people, entries int) (*World, error) {
	address, err := url.Parse(serverURL)
	if err != nil {
		return nil, fmt.Errorf("the URL of PostgreSQL cannot be read") //nolint:perfsprint // err repeats the URL
	}
	w := &World{
		People: people, Entries: entries, server: address, sandbox: sandbox.New(sandbox.Options{}), expected: map[string]int{},
		template: fmt.Sprintf("connexie_bench_%d_%d", people, time.Now().UnixNano()),
	}
	if w.admin, err = pgxpool.New(ctx, serverURL); err != nil {
		return nil, err
	}
	if err := w.serve(ctx); err != nil {
		w.admin.Close()
		return nil, err
	}
	if err := w.fill(ctx); err != nil {
		_ = w.Close(ctx) // the first failure is the one to tell
		return nil, fmt.Errorf("make an organisation of %d people: %w", people, err)
	}
	return w, nil
}

// serve answers as Connexie until Close.
func (w *World) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() { ended <- w.sandbox.Listen(ctx, "127.0.0.1:0", func(address net.Addr) { ready <- address }) }()
	select {
	case address := <-ready:
		w.ConnexieURL = "http://" + address.String() + "/v1"
		w.stop = func() error { cancel(); return <-ended }
		return nil
	case err := <-ended:
		cancel()
		return err
	}
}

// fill writes both sides.
func (w *World) fill(ctx context.Context) error {
	if err := w.exec(ctx, `create database `+w.template); err != nil {
		return err
	}
	if _, _, err := store.Migrate(ctx, w.databaseURL(w.template), func(string) {}); err != nil {
		return err
	}
	big, small := w.crowd(w.People, w.Entries), w.warmUp()
	w.Big, w.WarmUp, w.codes = namesOf(big), namesOf(small), big.Export.Codes
	for _, scenario := range []seed.Scenario{big, small} {
		if err := w.sandbox.AddAccount(scenario.Account); err != nil {
			return err
		}
		url := w.databaseURL(w.template)
		if _, err := eitjeseed.Write(ctx, url, scenario.Account.ID, scenario.Organisation, time.Now()); err != nil {
			return err
		}
	}
	if made := len(big.Organisation.Entries); made != w.Entries {
		return fmt.Errorf("%d entries instead of %d", made, w.Entries)
	}
	if w.Entries > 0 {
		account := floorAccount(big.Account)
		w.FloorToken = account.Token
		if err := w.sandbox.AddAccount(account); err != nil {
			return err
		}
	}
	for _, employee := range big.Account.Employees {
		w.ids = append(w.ids, employee.ID)
	}
	for _, expectation := range big.Expected {
		w.expected[expectation.Situation]++
	}
	return w.settle(ctx)
}

// warmUp is the small organisation, which has entries where the big one has.
func (w *World) warmUp() seed.Scenario {
	if w.Entries > 0 {
		return w.crowd(warmUpPeople, warmUpEntries)
	}
	return seed.Small("Opwarmen", warmUpPeople, seedNumber, w.sandbox.Today())
}

func namesOf(scenario seed.Scenario) Organisation {
	return Organisation{ID: scenario.Organisation.ID, AccountID: scenario.Account.ID, Token: scenario.Account.Token}
}

// Linked is how many people a first synchronisation must link.
func (w *World) Linked() int { return w.expected[seed.Matched] + w.expected[seed.New] }

// Today is the day that both sides decide for.
func (w *World) Today() time.Time { return w.sandbox.Today().Start() }

// Close gives back the sandbox and the template; databases are given back by whoever
// made them.
func (w *World) Close(ctx context.Context) error {
	defer w.admin.Close()
	stopped := w.stop()
	if err := w.exec(ctx, `drop database if exists `+w.template+` with (force)`); err != nil {
		return err
	}
	return stopped
}
