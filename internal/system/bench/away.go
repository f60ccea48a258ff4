package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/system/bench/distance"
	"github.com/eitje/connexie-worker/internal/system/bench/world"
)

// place is where PostgreSQL stands, seen from whoever synchronises.
type place struct {
	url string
	// away is how long a statement and its answer travel; empty on the same machine.
	away string
}

// naiveAway measures worker, floor and row by row with PostgreSQL on what looks like
// another machine, where each statement waits for the network.
func (b *bench) naiveAway(ctx context.Context, people int) (err error) {
	address, err := url.Parse(b.DatabaseURL)
	if err != nil {
		return errors.New("the URL of PostgreSQL cannot be read") // err repeats it
	}
	relay, err := distance.Listen(ctx, address.Host, b.Away/2)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, relay.Close()) }()
	address.Host = relay.Address()
	trip, err := roundTrip(ctx, address.String())
	if err != nil {
		return err
	}
	return b.naiveAt(ctx, people, place{url: address.String(), away: fmt.Sprintf("%.1f ms", trip.Seconds()*1000)})
}

// roundTrip is the median time of a statement that does nothing.
func roundTrip(ctx context.Context, url string) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, errors.New("PostgreSQL does not answer at a distance") // the error would repeat the URL
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var trips []time.Duration
	for range 101 {
		begin := time.Now()
		if err := conn.Ping(ctx); err != nil {
			return 0, err
		}
		trips = append(trips, time.Since(begin))
	}
	slices.Sort(trips)
	return trips[len(trips)/2], nil
}

// workerAt measures a first synchronisation by the worker for the table of naive ways.
func (b *bench) workerAt(ctx context.Context, w *world.World) (rows []string, measured Naive, err error) {
	t, err := b.newTrial(ctx, w)
	if err != nil {
		return nil, measured, err
	}
	defer func() { err = errors.Join(err, t.remove(ctx)) }()
	row := newRow(scenarios[0].goal, w.People, ofPeople)
	if err := b.workerTurn(ctx, t, scenarios[0], row); err != nil {
		return nil, measured, err
	}
	rows, err = t.worker.Rows(ctx, workerLinks)
	return rows, Naive{Way: wayWorker, People: w.People, Seconds: row.Worker.Median(), Events: row.Events}, err
}
