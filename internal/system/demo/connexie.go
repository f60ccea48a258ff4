package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
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
	ctx, cancel := context.WithTimeout(ctx, sandboxTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPatch, s.SandboxURL+path, bytes.NewBufferString(body))
	if err != nil {
		return fmt.Errorf("change the sandbox: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("change the sandbox: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= http.StatusBadRequest {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 2000))
		return fmt.Errorf("change the sandbox at %s: status %d: %s", path, answer.StatusCode, text)
	}
	return nil
}
