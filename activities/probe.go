package activities

import (
	"context"
	"sync"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// ProbeInput names the night whose connections are probed.
type ProbeInput struct {
	NightID string `json:"night_id"`
}

// ProbeResult counts the probes.
type ProbeResult struct {
	Accepted int `json:"accepted"`
	Refused  int `json:"refused"`
	// Unanswered counts connections in quarantine that Connexie still does not answer.
	Unanswered int `json:"unanswered,omitempty"`
}

// probesAtOnce is how many connections are asked about at the same time: an outage lets
// each wait for the client's timeout, and a thousand in turn would outlast the night.
const probesAtOnce = 20

// ProbeTokens asks Connexie once about each of the night's connections that need a
// token (C8) or were out of reach for nights (N6). One whose token works again, or that
// Connexie answers again, takes part in the night; the others are noted as refused or
// unreachable. Who was noted is not asked again by a repetition. Errors: Database.
func (a *Reading) ProbeTokens(ctx context.Context, in ProbeInput) (ProbeResult, error) {
	p := &probing{Reading: a, nightID: in.NightID}
	for after := ""; ; {
		connections, err := a.Store.NightConnections(ctx, in.NightID, after, startSlice)
		if err != nil || len(connections) == 0 {
			return p.result, fromStore(err)
		}
		after = connections[len(connections)-1].ConnectionID
		if err := p.probeAll(ctx, connections); err != nil {
			return p.result, err
		}
	}
}

// probing is one attempt at a night's probes.
type probing struct {
	*Reading
	nightID string
	// counting guards the result, to which the probes add together.
	counting sync.Mutex
	result   ProbeResult
}

func (p *probing) probeAll(ctx context.Context, connections []store.NightConnection) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(probesAtOnce)
	for _, connection := range connections {
		if !wantsProbe(connection) {
			continue
		}
		group.Go(func() error {
			err := p.probe(ctx, connection)
			p.count(ctx, func(*ProbeResult) {}) // a beat, whatever it came to
			return err
		})
	}
	return group.Wait()
}

// wantsProbe reports whether a connection is asked about: once a night, so not again
// where an attempt before has noted what came of it.
func wantsProbe(connection store.NightConnection) bool {
	if connection.Problem != "" || connection.Started {
		return false
	}
	return connection.State == store.ConnectionNeedsToken || quarantined(connection)
}

func quarantined(connection store.NightConnection) bool {
	return connection.State == store.ConnectionActive && domain.Quarantined(connection.FailedNights)
}

// probe is one call, whatever it comes to: the night does not wait for it. A connection
// in quarantine of which anything but an outage is found out takes part: its run tells
// what is wrong.
func (p *probing) probe(ctx context.Context, connection store.NightConnection) error {
	id, now := connection.ConnectionID, p.Now()
	check, err := p.checkToken(ctx, ActivationInput{ConnectionID: id, RequestedBy: "nightly-sync"}, true)
	kind := typeOf(err)
	switch {
	case err == nil && check.Accepted:
		p.count(ctx, func(r *ProbeResult) { r.Accepted++ })
		return nil
	case err == nil:
		p.count(ctx, func(r *ProbeResult) { r.Refused++ })
		return fromStore(p.Store.MarkStarted(ctx, p.nightID, id, false, check.Problem, now))
	case kind == "" || kind == ErrorDatabase:
		return err
	case !quarantined(connection):
		return fromStore(p.Store.MarkStarted(ctx, p.nightID, id, false, kind, now))
	case kind == ErrorUnavailable || kind == ErrorRateLimited:
		p.count(ctx, func(r *ProbeResult) { r.Unanswered++ })
		return fromStore(p.Store.NoteProbeUnanswered(ctx, p.nightID, id, now))
	}
	return nil
}

func (p *probing) count(ctx context.Context, add func(*ProbeResult)) {
	p.counting.Lock()
	defer p.counting.Unlock()
	add(&p.result)
	activity.RecordHeartbeat(ctx, p.result)
}
