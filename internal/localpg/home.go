package localpg

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// home is the folder a cluster lives in.
type home struct{ dir string }

func (h *home) data() string       { return filepath.Join(h.dir, "data") }
func (h *home) logFile() string    { return filepath.Join(h.dir, "server.log") }
func (h *home) stateFile() string  { return filepath.Join(h.dir, "cluster.json") }
func (h *home) startLock() string  { return filepath.Join(h.dir, "start.lock") }
func (h *home) usersLock() string  { return filepath.Join(h.dir, "users.lock") }
func (h *home) keeperLock() string { return filepath.Join(h.dir, "keeper.lock") }

// openHome creates the cluster's folder, or a stand-in where root is asked for
// one that the server's account could not enter, such as a checkout below
// /root. All processes of one user come to the same answer.
func openHome(opts Options) (*home, error) {
	dir := opts.Dir
	if os.Geteuid() == 0 && !enterable(filepath.Dir(dir)) {
		dir = standIn(opts.Dir)
		if !enterable(filepath.Dir(filepath.Dir(dir))) {
			return nil, fmt.Errorf("neither %s nor %s can be entered by the account that PostgreSQL runs as; "+
				"set DATABASE_URL, or run from a folder that others may enter", opts.Dir, dir)
		}
		opts.Say("PostgreSQL does not run as root and its account cannot enter %s; the cluster is in %s", opts.Dir, dir)
	}
	// Others may pass through to the data folder, which is the account's own,
	// but not list this one.
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, fmt.Errorf("folder of the cluster: %w", err)
	}
	if err := ours(dir); err != nil {
		return nil, err
	}
	return &home{dir: dir}, nil
}

// ours refuses a folder that another user has put where ours was expected, as
// anybody can do below the temporary one.
func ours(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("folder of the cluster: %w", err)
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || known && int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s is not a folder of the user who runs this; remove it or choose another", dir)
	}
	return nil
}

// standIn is where a cluster goes that cannot be where it was asked for: a
// place that survives a restart of the machine, one folder for each wish.
func standIn(wish string) string {
	root := "/var/tmp"
	if _, err := os.Stat(root); err != nil {
		root = os.TempDir()
	}
	sum := sha256.Sum256([]byte(wish))
	return filepath.Join(userDir(root), filepath.Base(wish)+"-"+hex.EncodeToString(sum[:4]))
}

func userDir(root string) string {
	return filepath.Join(root, "connexie-worker-"+strconv.Itoa(os.Geteuid()))
}

// enterable tells whether any account may pass through dir and its parents.
// Parents that do not exist yet are made by us, and enterable.
func enterable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err == nil && info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}
