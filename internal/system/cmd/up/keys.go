package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

// encryptionKeys are the stack's own: made once and kept beside its data, so that
// tokens can be opened after a restart.
func encryptionKeys(layout stack.Layout) (string, error) {
	path := filepath.Join(layout.Root, ".stack", "encryption-keys")
	kept, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the stack's encryption keys: %w", err)
	}
	keys := secrets.NewKey()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("keep the stack's encryption keys: %w", err)
	}
	if err := os.WriteFile(path, []byte(keys+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the stack's encryption keys: %w", err)
	}
	return keys, nil
}
