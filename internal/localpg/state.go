package localpg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	superuser = "postgres"
	loopback  = "127.0.0.1"
	// startTimeout is generous: crash recovery after a kill may take a while.
	startTimeout = 60 * time.Second
	// poll is how often a condition of another process is looked at.
	poll = 50 * time.Millisecond
)

// state is what the processes that share a cluster must know of it. It is
// written before the server starts, so that whoever comes after a crash can
// reach and stop what was left.
type state struct {
	Port      int           `json:"port"`
	Password  string        `json:"password"`
	Ephemeral bool          `json:"ephemeral"`
	Linger    time.Duration `json:"linger"`
	// BinDir and Account are those of a server started from binaries.
	BinDir  string   `json:"bin_dir,omitempty"`
	Version string   `json:"version,omitempty"`
	Account *account `json:"account,omitempty"`
	// Container is the name of the container the server runs in instead.
	Container string `json:"container,omitempty"`
}

// readState returns nil where no cluster was made yet.
func (h *home) readState() (*state, error) {
	text, err := os.ReadFile(h.stateFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the cluster's state: %w", err)
	}
	var st state
	if err := json.Unmarshal(text, &st); err != nil {
		return nil, fmt.Errorf("%s is damaged (%w); stop any PostgreSQL that runs in %s and move the folder aside",
			h.stateFile(), err, h.dir)
	}
	return &st, nil
}

// writeState replaces the file as a whole: a crash leaves the old or the new.
func (h *home) writeState(st *state) error {
	text, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return fmt.Errorf("write the cluster's state: %w", err)
	}
	fresh := h.stateFile() + ".new"
	if err := os.WriteFile(fresh, text, 0o600); err != nil {
		return fmt.Errorf("write the cluster's state: %w", err)
	}
	if err := os.Rename(fresh, h.stateFile()); err != nil {
		return fmt.Errorf("write the cluster's state: %w", err)
	}
	return nil
}

func (st *state) address() Address { return localAddress(st.Port, st.Password) }

func (st *state) describe() string {
	if st.Container != "" {
		return "in container " + st.Container
	}
	return fmt.Sprintf("version %s from %s", st.Version, st.BinDir)
}

// answers tells whether our server, and not somebody else's on its port, takes
// connections. A server that is still starting is waited for.
func (st *state) answers(ctx context.Context, h *home) bool {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		folder, err := st.dataDirectory(ctx)
		if err == nil {
			return st.Container != "" || sameFile(folder, h.data())
		}
		if !stillStarting(err) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(poll):
		}
	}
}

// dataDirectory asks the server on our port which cluster it serves. Another
// server does not know our password and is told apart by that already; the
// folder settles it where it trusts everybody.
func (st *state) dataDirectory(ctx context.Context) (string, error) {
	conn, err := st.address().connect(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	var folder string
	err = conn.QueryRow(ctx, "show data_directory").Scan(&folder)
	return folder, err
}

// stillStarting recognises cannot_connect_now: starting up, recovering, or
// shutting down.
func stillStarting(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == "57P03"
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return a == b
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}
