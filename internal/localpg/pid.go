package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// pidFile is written by a running server and left behind by a killed one.
func (h *home) pidFile() string { return filepath.Join(h.data(), "postmaster.pid") }

// clearDeadPid removes the pid file of a server that was killed and that nobody
// has collected, as happens in containers whose first process does not. To
// PostgreSQL such a process looks alive, and it would refuse to start for ever.
// All other left pid files it settles itself.
func (h *home) clearDeadPid() error {
	text, err := os.ReadFile(h.pidFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the server's pid: %w", err)
	}
	pid, _, _ := strings.Cut(string(text), "\n")
	if !uncollected(strings.TrimSpace(pid)) {
		return nil
	}
	if err := os.Remove(h.pidFile()); err != nil {
		return fmt.Errorf("remove the pid file of a killed server: %w", err)
	}
	return nil
}

// uncollected tells a process that has ended but is still listed. Where there
// is no /proc nobody has met the case.
func uncollected(pid string) bool {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	// The state follows the command, which may itself hold brackets.
	after := string(text)[strings.LastIndex(string(text), ")")+1:]
	return strings.HasPrefix(after, " Z ")
}
