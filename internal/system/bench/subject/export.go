package subject

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// Exported is one export.
type Exported struct {
	Execution

	Result workflows.ExportResult
}

// ChooseCode chooses the wage code of a kind of work and its type, which hours have
// none of.
func (s *Subject) ChooseCode(ctx context.Context, connectionID, kind, workType, code string) error {
	chosen := store.CodeMapping{Kind: kind, Type: workType, Code: code}
	return s.store.SetCodeMapping(ctx, connectionID, chosen, setBy, time.Now())
}

// Export exports every kind of work of a period.
func (s *Subject) Export(ctx context.Context, connectionID string, period domain.Period) (exported Exported, err error) {
	begin := time.Now()
	run, err := s.temporal.ExecuteWorkflow(ctx, start(workflows.ExportID(connectionID)), workflows.TypeExportHours,
		workflows.ExportHoursInput{
			ConnectionID: connectionID, From: period.From, To: period.To, Kinds: domain.ExportKinds(), RequestedBy: setBy,
		})
	if err != nil {
		return exported, err
	}
	exported.Execution, err = s.awaitResult(ctx, run, begin, &exported.Result)
	return exported, err
}
