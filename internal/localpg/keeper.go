package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/eitje/connexie-worker/internal/localpg/filelock"
)

// keeperEnv carries the cluster's folder to a keeper.
const keeperEnv = "CONNEXIE_LOCALPG_KEEPER"

// keeperRound is how often a keeper looks whether anybody is left.
const keeperRound = 250 * time.Millisecond

// A keeper is this very program, started once more with keeperEnv set. It must
// outlive its starter, be there for test binaries that know nothing of it, and
// need nothing installed; so it begins here, before main.
func init() {
	dir := os.Getenv(keeperEnv)
	if dir == "" {
		return
	}
	if err := keep(&home{dir: dir}); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// ensureKeeper starts the folder's keeper unless it has one, and returns when
// it is on duty. The start lock is held.
func ensureKeeper(ctx context.Context, h *home) error {
	free, err := filelock.TryExclusive(h.keeperLock())
	if err != nil || free == nil {
		return err
	}
	free.Unlock()
	gone, err := startKeeper(h)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		free, err := filelock.TryExclusive(h.keeperLock())
		if err != nil || free == nil {
			return err
		}
		free.Unlock()
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for PostgreSQL's keeper: %w", context.Cause(ctx))
		case err := <-gone:
			return fmt.Errorf("PostgreSQL's keeper ended at once: %w", err)
		case <-time.After(poll):
		}
	}
}

// startKeeper leaves the caller's session, so that neither Ctrl-C nor the end
// of a terminal reaches the keeper. It keeps none of the caller's files open:
// whoever reads the caller's output sees its end.
func startKeeper(h *home) (gone <-chan error, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL's keeper: %w", err)
	}
	cmd := exec.Command(self) //nolint:noctx // it is to outlive us
	cmd.Args = []string{"localpg-keeper"}
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), keeperEnv+"="+h.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL's keeper: %w", err)
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		if err == nil {
			err = errors.New("it found nothing to keep")
		}
		ended <- err
	}()
	return ended, nil
}

// keep stays until the cluster has been without users for its linger time, and
// stops it then.
func keep(h *home) error {
	ctx := context.Background()
	duty, err := filelock.Exclusive(ctx, h.keeperLock())
	if err != nil {
		return err
	}
	idle := time.Now()
	for {
		time.Sleep(keeperRound)
		done, err := h.round(ctx, &idle, duty)
		if done || err != nil {
			return err
		}
	}
}

// round looks once. All looking happens under the start lock: no user can come
// between seeing nobody and stopping, and nobody mistakes our look for a user.
func (h *home) round(ctx context.Context, idle *time.Time, duty *filelock.Lock) (done bool, err error) {
	start, err := filelock.Exclusive(ctx, h.startLock())
	if err != nil {
		return false, err
	}
	defer start.Unlock()
	nobody, err := filelock.TryExclusive(h.usersLock())
	if err != nil {
		return false, err
	}
	if nobody == nil {
		*idle = time.Now()
		return false, nil
	}
	defer nobody.Unlock()
	st, err := h.readState()
	if err != nil {
		return false, err
	}
	if st != nil && st.lingers(h, time.Since(*idle)) {
		return false, nil
	}
	// Off duty before the start lock goes: whoever takes it next must see that
	// a new keeper is needed.
	defer duty.Unlock()
	return true, h.stop(ctx)
}

// lingers tells that a server is to stay although nobody uses it. One that its
// last user has stopped already has nothing to stay for.
func (st *state) lingers(h *home, idle time.Duration) bool {
	return idle < st.Linger && (st.Container != "" || exists(h.pidFile()))
}

// awaitKeeper returns when the keeper of a stopped server has gone, so that its
// last user leaves no process behind. A keeper that stays has a new user.
func (h *home) awaitKeeper(ctx context.Context) error {
	for patience := 8 * keeperRound; patience > 0; patience -= poll {
		gone, err := filelock.TryExclusive(h.keeperLock())
		if err != nil || gone != nil {
			gone.Unlock()
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(poll):
		}
	}
	return nil
}
