package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/eitje/connexie-worker/internal/localpg/filelock"
)

// notRunning is what pg_ctl status exits with where no server runs.
const notRunning = 3

// stopIfIdle stops the server unless somebody uses it. The start lock is held,
// so that nobody can begin to meanwhile.
func (h *home) stopIfIdle(ctx context.Context) (stopped bool, err error) {
	nobody, err := filelock.TryExclusive(h.usersLock())
	if err != nil || nobody == nil {
		return false, err
	}
	defer nobody.Unlock()
	return true, h.stop(ctx)
}

// stop ends the server and deletes a throw-away cluster. It does nothing where
// nothing runs, and takes what an interrupted start has left. The start lock is
// held.
func (h *home) stop(ctx context.Context) error {
	st, err := h.readState()
	if err != nil || st == nil {
		return err
	}
	if st.Container != "" {
		err = st.stopContainer(ctx)
	} else {
		err = st.stopBinaries(ctx, h)
	}
	if err != nil || !st.Ephemeral {
		return err
	}
	for _, path := range []string{h.data() + ".new", h.data(), h.logFile(), h.stateFile()} {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("delete the throw-away cluster: %w", err)
		}
	}
	return nil
}

// stopBinaries disconnects clients and writes a checkpoint; a server that does
// not manage that in time is ended at once and recovers at its next start.
func (st *state) stopBinaries(ctx context.Context, h *home) error {
	if running, err := st.running(ctx, h); err != nil || !running {
		return err
	}
	if _, err := st.pgCtl(ctx, h, "stop", "--mode=fast", "--timeout=20"); err == nil {
		return nil
	}
	if out, err := st.pgCtl(ctx, h, "stop", "--mode=immediate", "--timeout=5"); err != nil {
		return fmt.Errorf("stop PostgreSQL in %s: %w\n%s", h.dir, err, out)
	}
	return nil
}

// running tells a server that runs from a pid file that a crash has left.
func (st *state) running(ctx context.Context, h *home) (bool, error) {
	if !exists(h.pidFile()) {
		return false, nil
	}
	out, err := st.pgCtl(ctx, h, "status")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == notRunning {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask whether PostgreSQL runs in %s: %w\n%s", h.dir, err, out)
	}
	return true, nil
}
