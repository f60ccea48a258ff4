package localpg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// prepare decides what will serve the folder and writes it down. Old is what
// served it before and does not run now; nil for a new folder.
func prepare(ctx context.Context, h *home, old *state, opts Options) (*state, error) {
	old, err := clearLeftovers(ctx, h, old)
	if err != nil {
		return nil, err
	}
	st := &state{Ephemeral: !opts.Durable, Linger: opts.Linger, Password: rand.Text()}
	if old != nil {
		st.Password = old.Password
	}
	if err := choose(ctx, h, old, st, opts); err != nil {
		return nil, err
	}
	if st.Port, err = freePort(ctx, opts); err != nil {
		return nil, err
	}
	return st, h.writeState(st)
}

// clearLeftovers removes a throw-away cluster whose server is gone: it was
// written without fsync, and nobody counts on it. A durable cluster is never
// touched, whatever is wrong with it.
func clearLeftovers(ctx context.Context, h *home, old *state) (*state, error) {
	switch {
	case old == nil && exists(h.data()):
		return nil, fmt.Errorf("%s holds data but %s is missing, so that its password is unknown; move the folder aside",
			h.data(), h.stateFile())
	case old == nil:
		return nil, nil
	case old.Ephemeral:
		return nil, h.stop(ctx)
	}
	return old, nil
}

// choose fills in what runs the server: binaries, else a container, else a
// package installed now.
func choose(ctx context.Context, h *home, old, st *state, opts Options) error {
	if old != nil && old.Container != "" {
		return continueContainer(ctx, h, old, st)
	}
	major, err := clusterMajor(h)
	if err != nil {
		return err
	}
	found, vain := machinePlaces(opts).find(ctx)
	if opts.BinDir != "" && len(found) == 0 {
		return fmt.Errorf("the given PG_BIN cannot be used: %s; correct it, or unset it to have PostgreSQL looked for",
			strings.Join(vain, "; "))
	}
	if len(found) == 0 && major == 0 {
		problem := dockerProblem(ctx)
		if problem == nil {
			st.useContainer(h)
			return nil
		}
		vain = append(vain, fmt.Sprintf("Docker: %v", problem))
	}
	if len(found) == 0 {
		if found, err = install(ctx, opts); err != nil {
			return missing(vain, err)
		}
	}
	return st.useBinaries(h, found, major)
}

// useBinaries takes the best binaries, or those of the version that made the
// cluster: another one cannot read it, and converting is for its owner to do.
func (st *state) useBinaries(h *home, found []binaries, major int) (err error) {
	match := slices.IndexFunc(found, func(b binaries) bool { return major == 0 || b.major == major })
	if match < 0 {
		return fmt.Errorf("the cluster in %s was made by PostgreSQL %d, but only version %s was found (in %s); "+
			"point PG_BIN at version %d, or move the folder aside to begin an empty cluster",
			h.data(), major, found[0].version, found[0].dir, major)
	}
	st.BinDir, st.Version = found[match].dir, found[match].version
	st.Account, err = serverAccount()
	return err
}

// clusterMajor is the version that made the cluster; 0 where there is none yet.
func clusterMajor(h *home) (int, error) {
	text, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) && !exists(h.data()) {
		return 0, nil
	}
	major, numberErr := strconv.Atoi(strings.TrimSpace(string(text)))
	if err := errors.Join(err, numberErr); err != nil {
		return 0, fmt.Errorf("%s is not a PostgreSQL cluster (%w); move it aside", h.data(), err)
	}
	return major, nil
}

// freePort prefers the port that is asked for. Between finding it free and the
// server's taking it somebody else may; the start then asks again.
func freePort(ctx context.Context, opts Options) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(opts.Port)))
	if err != nil && opts.Port != 0 {
		listener, err = config.Listen(ctx, "tcp", net.JoinHostPort(loopback, "0"))
		if err == nil {
			opts.Say("port %d is taken, PostgreSQL listens on %d instead", opts.Port, portOf(listener))
		}
	}
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	return portOf(listener), nil
}

func portOf(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
