package stack

import (
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
	fresh := program + ".new"
	// -v prints a line for each package that is compiled.
	cmd := exec.CommandContext(ctx, "go", "build", "-v", "-trimpath", "-ldflags=-s -w", "-o", fresh, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // the compilers as well
	progress := beginProgress(say)
	cmd.Stderr = progress
	err := cmd.Run()
	progress.end()
	if ctx.Err() != nil {
		return fmt.Errorf("build %s: %w", pkg, context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, progress.problems())
	}
	if err := os.Rename(fresh, program); err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	return nil
}
