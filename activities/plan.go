package activities

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Syncing holds the activities of a synchronisation that need the store alone.
type Syncing struct {
	Store *store.Store
	// Endings hears of the runs that close.
	Endings EndingTeller
	// Now is the clock.
	Now func() time.Time
	// SliceTime bounds one slice of applying; the default where zero.
	SliceTime time.Duration
}

// planChunk is how many people are planned, or applied, in one transaction: few
// enough for a short lock, many enough that the statements' fixed cost vanishes.
const planChunk = 500

// atOnce is how many chunks one run plans, or applies, at the same time: while the
// database works for one, the rules are asked about another. Each takes a connection
// to the database.
const atOnce = 2

// PlanInput asks for the plan of a run.
type PlanInput struct {
	Run Run         `json:"run"`
	Day domain.Date `json:"day"`
	// Unreadable counts records without an id that the reading set aside.
	Unreadable int `json:"unreadable"`
	// Allowed is what somebody allowed when the guard held an earlier plan of this
	// run; nil where nobody was asked.
	Allowed *domain.Guarded `json:"allowed,omitempty"`
}

// PlanResult tells what applying the plan would do.
type PlanResult struct {
	// Total is how many people's plans wait to be applied.
	Total int `json:"total"`
	// Held tells that the guard wants somebody's word first (S16).
	Held    bool           `json:"held"`
	Guarded domain.Guarded `json:"guarded"`
	Limit   domain.Guarded `json:"limit"`
	// Closed is set where there is nothing to apply: the run has ended.
	Closed *Ending `json:"closed,omitempty"`
}

// Ending is how a run ended.
type Ending struct {
	Outcome domain.SyncOutcome `json:"outcome"`
	Counts  domain.Counts      `json:"counts"`
}

// PlanSync compares the mirror with Eitje, decides about everyone who could need
// anything, and saves the plan. It ends the run where that is all: a preview, or
// nothing to do. Where more would change than the guard lets pass, the run is held.
//
// Planning again forgets the plan before it. Errors: FenceLost, Database.
func (a *Syncing) PlanSync(ctx context.Context, in PlanInput) (PlanResult, error) {
	p, err := a.planning(ctx, in)
	if err != nil {
		return PlanResult{}, fromStore(err)
	}
	if err := p.plan(ctx); err != nil {
		return PlanResult{}, fromStore(err)
	}
	result, err := p.conclude(ctx)
	return result, fromStore(err)
}

// planning is one attempt at planning a run.
type planning struct {
	*Syncing
	in         PlanInput
	owner      store.PlanOwner
	scope      store.Scope
	connection store.Connection
	// venuesDecided tells that no decision about a venue was wanting (C3).
	venuesDecided bool
	// counting guards what the chunks add to together.
	counting sync.Mutex
	guarded  domain.Guarded
	total    int
}

func (a *Syncing) planning(ctx context.Context, in PlanInput) (*planning, error) {
	owner, err := a.own(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	connection, err := a.Store.Connection(ctx, in.Run.ConnectionID)
	if err != nil {
		return nil, err
	}
	decisions, err := a.Store.VenueDecisions(ctx, in.Run.ConnectionID)
	if err != nil {
		return nil, err
	}
	return &planning{
		Syncing: a, in: in, owner: owner, connection: connection, venuesDecided: decisions.Undecided() == 0,
		scope: store.Scope{ConnectionID: in.Run.ConnectionID, Day: in.Day, Venues: decisions.Map()},
	}, nil
}

// own takes the fence for an attempt that writes for a full run.
func (a *Syncing) own(ctx context.Context, run Run) (store.PlanOwner, error) {
	owner := store.PlanOwner{RunID: run.ID, ConnectionID: run.ConnectionID, Explain: run.OnlyConnexieID != ""}
	if !run.full() {
		return owner, nil
	}
	fence, err := a.Store.BumpFence(ctx, run.ConnectionID, run.ID)
	owner.Fence = fence
	return owner, err
}

func (p *planning) plan(ctx context.Context) error {
	if err := p.Store.BeginPlanning(ctx, p.owner.RunID, p.venuesDecided); err != nil {
		return err
	}
	if err := p.Store.ClearPlans(ctx, p.owner); err != nil {
		return err
	}
	ids, err := p.people(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for chunk := range slices.Chunk(ids, planChunk) {
		group.Go(func() error { return p.planChunk(ctx, chunk) })
	}
	return group.Wait()
}

// people names whom to plan: the one person, or everyone who could need anything.
func (p *planning) people(ctx context.Context) ([]string, error) {
	if only := p.in.Run.OnlyConnexieID; only != "" {
		return []string{only}, nil
	}
	return p.Store.NamePeople(ctx, p.in.Run.ConnectionID, p.in.Day)
}

func (p *planning) planChunk(ctx context.Context, ids []string) error {
	facts, err := p.Store.Facts(ctx, p.scope, ids)
	if err != nil {
		return err
	}
	plans := make([]domain.Plan, 0, len(facts))
	for _, fact := range facts {
		plans = append(plans, domain.PlanPerson(fact))
	}
	p.count(ctx, plans)
	// Of one person alone the explanation is kept also where nothing is to do (S20).
	if !p.owner.Explain {
		plans = slices.DeleteFunc(plans, domain.Plan.Quiet)
	}
	return p.Store.SavePlans(ctx, p.owner, plans)
}

func (p *planning) count(ctx context.Context, plans []domain.Plan) {
	p.counting.Lock()
	defer p.counting.Unlock()
	for _, plan := range plans {
		p.guarded.Add(plan)
		if !plan.Quiet() {
			p.total++
		}
	}
	activity.RecordHeartbeat(ctx, p.total)
}

func (p *planning) conclude(ctx context.Context) (PlanResult, error) {
	result := PlanResult{Total: p.total, Guarded: p.guarded}
	if p.in.Run.preview() || p.total == 0 {
		ending, err := p.end(ctx, p.in.Run, p.total, p.in.Unreadable)
		result.Closed = &ending
		return result, err
	}
	linked, err := p.Store.CountLinks(ctx, p.in.Run.ConnectionID)
	if err != nil {
		return PlanResult{}, err
	}
	result.Limit = p.connection.Guard.Limit(linked)
	if !p.holds(result) {
		return result, nil
	}
	result.Held = true
	return result, p.hold(ctx)
}

// holds reports whether the guard wants somebody's word (S16). It is silent until a
// run has been applied with every venue decided, and about one person alone; what
// was allowed before need not be allowed again.
func (p *planning) holds(result PlanResult) bool {
	if !p.in.Run.full() || p.connection.GuardArmedAt.IsZero() || !p.guarded.Exceeds(result.Limit) {
		return false
	}
	return p.in.Allowed == nil || p.guarded.Exceeds(*p.in.Allowed)
}

func (p *planning) hold(ctx context.Context) error {
	if err := p.Store.SetStage(ctx, p.owner.RunID, store.StageHeld, 0, p.total); err != nil {
		return err
	}
	notice := domain.GuardHeldNotice(p.in.Run.ConnectionID, p.guarded)
	_, err := p.Store.OpenNotices(ctx, p.in.Run.ConnectionID, []domain.Notice{notice}, p.Now())
	return err
}
