package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/telemetry"
	"github.com/eitje/connexie-worker/internal/web"
)

// NeedsToServe are the parts of the configuration that the HTTP API needs.
func NeedsToServe() []config.Part {
	return []config.Part{config.PartDatabase, config.PartTemporal, config.PartHTTP, config.PartAPI}
}

// ServeProcess serves the HTTP API and logs as its configuration says: unlike other
// commands of the starter it is a service.
func ServeProcess(ctx context.Context, cfg config.Starter) error {
	logger, err := telemetry.NewLogger(cfg.Log.Level, cfg.Log.Format, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { _ = logger.Sync() }()
	return Serve(ctx, cfg, logger, nil)
}

// Serve serves the HTTP API until the context ends, then lets the requests under way
// finish. ready, unless nil, is told the address.
func Serve(ctx context.Context, cfg config.Starter, logger *zap.Logger, ready func(net.Addr)) error {
	operator, err := OpenOperator(ctx, cfg, logger, NeedsToServe()...)
	if err != nil {
		return err
	}
	defer operator.Close()
	handler, err := web.New(web.Options{
		Reader: operator.store, Engine: webEngine{operator}, Keys: webKeys(cfg.API),
		Checks: map[string]web.Check{
			"database": operator.store.Ping,
			"temporal": func(ctx context.Context) error {
				_, err := operator.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
				return err
			},
		},
		Log: webLog{logger},
	})
	if err != nil {
		return err
	}
	return web.Serve(ctx, cfg.HTTP.Addr, handler, zap.NewStdLog(logger), func(addr net.Addr) {
		logger.Info("the API is running", zap.Stringer("addr", addr))
		if ready != nil {
			ready(addr)
		}
	})
}

func webKeys(api config.API) []web.Key {
	var keys []web.Key
	for _, key := range api.Parsed() {
		keys = append(keys, web.Key(key))
	}
	return keys
}

// webEngine is the operator as the API sees it.
type webEngine struct{ operator *Operator }

// RequestSync asks for a run.
func (e webEngine) RequestSync(ctx context.Context, request web.SyncRequest) (web.SyncTicket, error) {
	ticket, err := e.operator.RequestSync(ctx, SyncRequest{
		ConnectionID: request.ConnectionID, Preview: request.Preview, OnlyConnexieID: request.OnlyConnexieID,
		By: request.RequestedBy, RequestID: request.RequestID,
	})
	return web.SyncTicket{RunID: ticket.RunID, Pass: ticket.Pass, Joined: ticket.Joined}, webProblem(err)
}

// DecideGuard allows or rejects a held run.
func (e webEngine) DecideGuard(ctx context.Context, connectionID, decision, by string) (string, error) {
	decided, err := e.operator.DecideGuard(ctx, GuardDecision{ConnectionID: connectionID, Allow: decision == "allow", By: by})
	return decided.RunID, webProblem(err)
}

// webStatuses are the HTTP statuses of problems that a caller is told of.
var webStatuses = map[ProblemKind]int{
	KindInvalid: http.StatusUnprocessableEntity, KindNotFound: http.StatusNotFound,
	KindRefused: http.StatusConflict, KindUnavailable: http.StatusServiceUnavailable,
}

// webProblem passes on what a caller can act on; the rest goes to the log alone.
func webProblem(err error) error {
	var problem *Problem
	if !errors.As(err, &problem) {
		return err
	}
	status, told := webStatuses[problem.Kind]
	if !told {
		return err
	}
	return web.NewProblem(status, telemetry.Mask(problem.What), telemetry.Mask(problem.NextStep))
}

// webLog writes what happens at the API.
type webLog struct{ logger *zap.Logger }

// Answered writes one line per request, quietly where only a probe asked.
func (l webLog) Answered(exchange web.Exchange) {
	level := zap.InfoLevel
	if exchange.Route == "/healthz" || exchange.Route == "/readyz" {
		level = zap.DebugLevel
	}
	l.logger.Log(level, "request answered",
		zap.String("request_id", exchange.RequestID), zap.String("organisation_id", exchange.OrganisationID),
		zap.String("method", exchange.Method), zap.String("route", exchange.Route),
		zap.String("connection_id", exchange.ConnectionID), zap.String("run_id", exchange.RunID),
		zap.Int("status", exchange.Status), zap.Int("bytes", exchange.Bytes), zap.Duration("took", exchange.Duration))
}

// Failed writes what somebody must look at.
func (l webLog) Failed(requestID string, err error) {
	l.logger.Error("request failed", zap.String("request_id", requestID), zap.Error(err))
}
