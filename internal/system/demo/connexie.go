package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// sandboxTimeout bounds one call to the sandbox's own API.
const sandboxTimeout = 10 * time.Second

// patchPerson changes somebody in Connexie, as the payroll administrator would.
func (s *Story) patchPerson(ctx context.Context, account, person, patch string) error {
	return s.patch(ctx, fmt.Sprintf("/sandbox/accounts/%s/employees/%s", account, person), patch)
}

// patchContract changes a contract in Connexie.
func (s *Story) patchContract(ctx context.Context, account, person, contract, patch string) error {
	return s.patch(ctx, fmt.Sprintf("/sandbox/accounts/%s/employees/%s/contracts/%s", account, person, contract), patch)
}

func (s *Story) patch(ctx context.Context, path, body string) error {
	_, err := s.call(ctx, http.MethodPatch, path, body)
	return err
}

// runPayroll lets payroll run for a venue's periods that touch these days.
func (s *Story) runPayroll(ctx context.Context, venue string, days seed.Period) error {
	body := fmt.Sprintf(`{"venue_id":%q,"from":%q,"to":%q}`, venue, days.From, days.To)
	_, err := s.call(ctx, http.MethodPost, "/sandbox/accounts/"+s.main().Account.ID+"/payroll-runs", body)
	return err
}

// ledger is what counts for payroll on these days, at every venue.
func (s *Story) ledger(ctx context.Context, days seed.Period) ([]sandbox.LedgerLine, error) {
	path := fmt.Sprintf("/sandbox/accounts/%s/ledger?from=%s&to=%s", s.main().Account.ID, days.From, days.To)
	answer, err := s.call(ctx, http.MethodGet, path, "")
	if err != nil {
		return nil, err
	}
	var lines []sandbox.LedgerLine
	if err := json.Unmarshal(answer, &lines); err != nil {
		return nil, fmt.Errorf("read the sandbox's ledger: %w", err)
	}
	return lines, nil
}

// call speaks with the sandbox's own API and returns what it answers.
func (s *Story) call(ctx context.Context, method, path, body string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sandboxTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.SandboxURL+path, bytes.NewBufferString(body))
	if err != nil {
		return nil, fmt.Errorf("ask the sandbox: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the sandbox: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("ask the sandbox at %s: status %d: %s", path, answer.StatusCode, text[:min(len(text), 2000)])
	}
	return text, err
}
