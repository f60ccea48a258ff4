package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

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
}

// ProbeTokens asks Connexie once about each of the night's connections that need a
// token (C8): one whose token works again takes part in the night, the others are
// noted as refused. Errors: Database.
func (a *Reading) ProbeTokens(ctx context.Context, in ProbeInput) (ProbeResult, error) {
	var (
		result ProbeResult
		after  string
	)
	for {
		connections, err := a.Store.NightConnections(ctx, in.NightID, after, startSlice)
		if err != nil || len(connections) == 0 {
			return result, fromStore(err)
		}
		for _, connection := range connections {
			after = connection.ConnectionID
			if connection.State != store.ConnectionNeedsToken {
				continue
			}
			if err := a.probe(ctx, in.NightID, connection.ConnectionID, &result); err != nil {
				return result, err
			}
			activity.RecordHeartbeat(ctx, result)
		}
	}
}

// probe is one attempt, whatever it comes to: the night does not wait for it.
func (a *Reading) probe(ctx context.Context, nightID, connectionID string, result *ProbeResult) error {
	check, err := a.CheckToken(ctx, ActivationInput{ConnectionID: connectionID, RequestedBy: "nightly-sync"})
	switch {
	case err == nil && check.Accepted:
		result.Accepted++
		return nil
	case err == nil:
		result.Refused++
		return fromStore(a.Store.MarkStarted(ctx, nightID, connectionID, false, check.Problem, a.Now()))
	case typeOf(err) != "" && typeOf(err) != ErrorDatabase:
		return fromStore(a.Store.MarkStarted(ctx, nightID, connectionID, false, typeOf(err), a.Now()))
	}
	return err
}
