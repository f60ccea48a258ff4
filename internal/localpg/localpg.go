package localpg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/eitje/connexie-worker/internal/localpg/filelock"
)

// stopTimeout bounds giving back after a failed start, when the caller's
// context may be over already.
const stopTimeout = 30 * time.Second

// Options say which PostgreSQL is wanted. The zero value is a throw-away
// cluster in a folder per user, as tests want it.
type Options struct {
	// URL of a PostgreSQL to use instead of running one (DATABASE_URL). When it
	// cannot be reached Start fails: falling back would hide a mistake.
	URL string
	// BinDir is the folder of initdb and postgres (PG_BIN). Empty: look for it.
	BinDir string
	// Dir is where the cluster lives; empty: a folder per user below the
	// temporary one.
	Dir string
	// Durable keeps the data and survives crashes of the machine. Otherwise the
	// server skips every fsync and its data is deleted when the last user goes.
	Durable bool
	// Port is preferred where it is free; 0 takes any.
	Port int
	// Linger is how long the server stays after its last user, so that the next
	// package's tests find it running.
	Linger time.Duration
	// Say receives lines for a person to read, without passwords. Nil: silence.
	Say func(format string, args ...any)
}

// FromEnvironment are the options that the environment decides: DATABASE_URL
// and PG_BIN.
func FromEnvironment() Options {
	return Options{URL: os.Getenv("DATABASE_URL"), BinDir: os.Getenv("PG_BIN")}
}

func (o Options) withDefaults() (Options, error) {
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.Dir == "" {
		o.Dir = filepath.Join(userDir(os.TempDir()), "tests")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, fmt.Errorf("folder of the cluster: %w", err)
	}
	o.Dir = dir
	return o, nil
}

// Cluster is a PostgreSQL that answers.
type Cluster struct {
	server Address
	origin string
	home   *home // nil where the server was given
	users  *filelock.Lock
	linger time.Duration
	once   sync.Once
}

// Start returns a PostgreSQL that answers, in this order: the URL that is given;
// the cluster of this folder where it runs already; one started from BinDir,
// PATH, the usual folders, Docker, or a package installed now. It never deletes
// a durable cluster and never starts one made by another major version. When it
// fails, whatever it has started is stopped again.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	if opts.URL != "" {
		return useGiven(ctx, opts.URL)
	}
	h, err := openHome(opts)
	if err != nil {
		return nil, err
	}
	start, err := filelock.Exclusive(ctx, h.startLock())
	if err != nil {
		return nil, fmt.Errorf("another process is starting PostgreSQL in %s: %w", h.dir, err)
	}
	defer start.Unlock()
	users, err := filelock.Shared(ctx, h.usersLock())
	if err != nil {
		return nil, err
	}
	c := &Cluster{home: h, users: users, linger: opts.Linger}
	if err := c.join(ctx, opts); err != nil {
		users.Unlock()
		return nil, err
	}
	return c, nil
}

// join finds the folder's server running or starts it. The start lock is held.
func (c *Cluster) join(ctx context.Context, opts Options) error {
	st, err := c.home.readState()
	if err != nil {
		return err
	}
	if st != nil && st.Ephemeral == opts.Durable {
		return fmt.Errorf("%s holds a cluster that is %s; choose another folder", c.home.dir, kind(st.Ephemeral))
	}
	if st != nil && st.answers(ctx, c.home) {
		c.server, c.origin = st.address(), "already running in "+c.home.dir
		return ensureKeeper(ctx, c.home)
	}
	st, err = prepare(ctx, c.home, st, opts)
	if err != nil {
		return err
	}
	if err := ensureKeeper(ctx, c.home); err != nil {
		return err
	}
	if err := st.start(ctx, c.home, opts); err != nil {
		giveUp, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		_ = c.home.stop(giveUp) // the first failure is the one to tell
		return err
	}
	c.server, c.origin = st.address(), st.describe()
	return nil
}

func kind(ephemeral bool) string {
	if ephemeral {
		return "thrown away after use, and one to keep is wanted"
	}
	return "to be kept, and a throw-away one is wanted"
}

// URL names a database of the cluster; empty is the one the URL was given with,
// or the cluster's own postgres. It carries the password: pass it on, do not
// print it.
func (c *Cluster) URL(database string) string { return c.server.URL(database) }

// String tells what the cluster is, without its password.
func (c *Cluster) String() string {
	return fmt.Sprintf("PostgreSQL on %s, %s", c.server, c.origin)
}

// Given tells that the server was handed in by URL and is not ours to stop.
func (c *Cluster) Given() bool { return c.home == nil }

// LogFile is where the server's own words are; empty where it was given.
func (c *Cluster) LogFile() string {
	if c.home == nil {
		return ""
	}
	return c.home.logFile()
}

// Stop gives the use of the cluster back. The last user out stops the server,
// at once or by the keeper after Linger; a server that was given is left alone.
// Stop may be repeated, and a process that exits without it is counted out all
// the same.
func (c *Cluster) Stop(ctx context.Context) error {
	var err error
	c.once.Do(func() { err = c.stop(ctx) })
	return err
}

func (c *Cluster) stop(ctx context.Context) error {
	if c.home == nil {
		return nil
	}
	start, err := filelock.Exclusive(ctx, c.home.startLock())
	c.users.Unlock()
	if err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	defer start.Unlock()
	if c.linger > 0 {
		return nil
	}
	stopped, err := c.home.stopIfIdle(ctx)
	if err != nil || !stopped {
		return err
	}
	start.Unlock()
	return c.home.awaitKeeper(ctx)
}
