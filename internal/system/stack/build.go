package stack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Build compiles a package of the main module into the stack's programs, which
// Go's cache makes quick, and returns the program's path.
func (l Layout) Build(ctx context.Context, name, pkg string, say Say) (string, error) {
	return l.Program(name), goBuild(ctx, l.Root, pkg, l.Program(name), say)
}

// goBuild shows progress while it takes long, and leaves an existing program
// alone when it fails.
func goBuild(ctx context.Context, dir, pkg, program string, say Say) error {
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	progress := beginProgress(say)
	defer progress.end()
	all, err := goCommand(ctx, dir, progress, "list", "-deps", pkg)
	if err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	progress.expect(bytes.Count(all, []byte("\n")))
	fresh := program + ".new"
	// -v prints a line for each package that is compiled.
	_, err = goCommand(ctx, dir, progress, "build", "-v", "-trimpath", "-ldflags=-s -w", "-o", fresh, pkg)
	if err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	if err := os.Rename(fresh, program); err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	return nil
}

// goCommand returns what the go command prints; its errors carry what it has to
// say.
func goCommand(ctx context.Context, dir string, progress *progress, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // the compilers as well
	cmd.Stderr = progress
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, progress.problems())
	}
	return out, nil
}
