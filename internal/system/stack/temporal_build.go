package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/eitje/connexie-worker/internal/localpg/filelock"
)

const (
	temporalProgram = "temporal-dev"
	temporalModule  = "internal/system/temporaldev"
)

// TemporalServer builds the embedded Temporal server unless its program is up
// to date, and returns its path. Linking alone takes some ten seconds, so that
// Go's own cache is not enough. Processes that ask at once build it once.
func (l Layout) TemporalServer(ctx context.Context, say Say) (string, error) {
	program := l.Program(temporalProgram)
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return "", fmt.Errorf("build the Temporal server: %w", err)
	}
	lock, err := filelock.Exclusive(ctx, program+".lock")
	if err != nil {
		return "", err
	}
	defer lock.Unlock()
	wanted, current, err := l.temporalState()
	if err != nil || current {
		return program, err
	}
	say("building the embedded Temporal server; the first time this takes some minutes")
	if err := goBuild(ctx, filepath.Join(l.Root, temporalModule), "./cmd/temporal-dev", program, say); err != nil {
		return "", err
	}
	if err := os.WriteFile(l.temporalStamp(), []byte(wanted), 0o644); err != nil {
		return "", fmt.Errorf("build the Temporal server: %w", err)
	}
	return program, nil
}

// temporalState tells what the sources amount to, and whether the program was
// built from them.
func (l Layout) temporalState() (wanted string, current bool, err error) {
	wanted, err = hashSources(filepath.Join(l.Root, temporalModule))
	if err != nil {
		return "", false, fmt.Errorf("read the Temporal server's sources: %w", err)
	}
	built, stampErr := os.ReadFile(l.temporalStamp())
	_, programErr := os.Stat(l.Program(temporalProgram))
	return wanted, stampErr == nil && programErr == nil && string(built) == wanted, nil
}

func (l Layout) temporalStamp() string { return l.Program(temporalProgram) + ".sources" }

// hashSources covers every file of a module and the compiler's version.
func hashSources(module string) (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	files := os.DirFS(module)
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		_, _ = fmt.Fprintln(sum, path, len(text))
		_, _ = sum.Write(text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}
