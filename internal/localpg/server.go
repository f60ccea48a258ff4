package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A start is tried again because a port may be taken in the moment between
// choosing it and listening on it, and because the children of a server that
// was killed take a moment to notice and to let go of its memory.
const (
	startAttempts = 5
	startPause    = 500 * time.Millisecond
)

// start brings the prepared server up and returns when it answers.
func (st *state) start(ctx context.Context, h *home, opts Options) error {
	if st.Container != "" {
		return st.startContainer(ctx, opts)
	}
	if !exists(h.data()) {
		opts.Say("creating a PostgreSQL %s cluster in %s", st.Version, h.dir)
		if err := st.initialise(ctx, h); err != nil {
			return err
		}
	}
	for attempt := 1; ; attempt++ {
		err := st.startBinaries(ctx, h)
		if err == nil || attempt == startAttempts {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(startPause):
		}
		opts.Port = st.Port
		if st.Port, err = freePort(ctx, opts); err != nil {
			return err
		}
		if err := h.writeState(st); err != nil {
			return err
		}
	}
}

// initialise creates the cluster under another name and renames it, so that an
// interrupted attempt is never taken for a cluster.
func (st *state) initialise(ctx context.Context, h *home) error {
	fresh := h.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove an interrupted attempt: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("create the cluster: %w", err)
	}
	if err := st.Account.own(fresh); err != nil {
		return err
	}
	out, err := st.initdb(ctx, h, fresh)
	if err != nil {
		return fmt.Errorf("initdb in %s: %w\n%s", fresh, err, out)
	}
	if err := includeSettings(fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, h.data()); err != nil {
		return fmt.Errorf("create the cluster: %w", err)
	}
	return nil
}

func (st *state) initdb(ctx context.Context, h *home, dir string) (string, error) {
	// The password goes by file: arguments can be read by every user.
	secret := filepath.Join(h.dir, "password.new")
	if err := os.WriteFile(secret, []byte(st.Password+"\n"), 0o600); err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(secret) }()
	if err := st.Account.own(secret); err != nil {
		return "", err
	}
	return st.Account.run(ctx, dir, filepath.Join(st.BinDir, "initdb"),
		"--pgdata="+dir, "--username="+superuser, "--pwfile="+secret, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale="+locale(), "--no-instructions")
}

// locale sorts by code point, so that results do not depend on the machine, and
// knows upper and lower case beyond ASCII, which plain C does not.
func locale() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8" // older systems have no C.UTF-8
	}
	return "C.UTF-8"
}

func (st *state) startBinaries(ctx context.Context, h *home) error {
	if err := st.writeSettings(h); err != nil {
		return err
	}
	if err := h.clearDeadPid(); err != nil {
		return err
	}
	log, err := os.OpenFile(h.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the server's log: %w", err)
	}
	_ = log.Close()
	if err := st.Account.own(h.logFile()); err != nil {
		return err
	}
	out, err := st.pgCtl(ctx, h, "start", "--log="+h.logFile(), "--timeout="+seconds(startTimeout))
	if err != nil {
		return fmt.Errorf("start PostgreSQL in %s: %w\n%s\n%s", h.dir, err, out, logTail(h))
	}
	if !st.answers(ctx, h) {
		return errors.New("PostgreSQL has started but does not answer on " + st.address().String() +
			"; see " + h.logFile())
	}
	return nil
}

func (st *state) pgCtl(ctx context.Context, h *home, command string, args ...string) (string, error) {
	args = append([]string{command, "--pgdata=" + h.data(), "--wait", "--silent"}, args...)
	return st.Account.run(ctx, h.data(), filepath.Join(st.BinDir, "pg_ctl"), args...)
}

// logTail is what an error shows of the server's log.
func logTail(h *home) string {
	const lines = 15
	text, err := os.ReadFile(h.logFile())
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func seconds[D ~int64](d D) string { return strconv.FormatInt(int64(d)/1e9, 10) }
