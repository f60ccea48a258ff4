package localpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// settingsFile is included by the cluster's postgresql.conf and written anew at
// every start, so that a changed setting reaches existing clusters.
const settingsFile = "localpg.conf"

// common suits both uses: a loopback port and no socket file (its path may be
// too long for the system), room for parallel tests and a Temporal server, and
// nothing that depends on the machine's zone or language.
const common = `listen_addresses = '` + loopback + `'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %d '
`

// unsafeFast loses data when the machine crashes, and does without
// replication: for tests only.
const unsafeFast = `fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
checkpoint_timeout = 30min
`

// writeSettings writes the settings file, with the port of this start.
func (st *state) writeSettings(h *home) error {
	text := fmt.Sprintf("%sport = %d\n", common, st.Port)
	if st.Ephemeral {
		text += unsafeFast
	}
	path := filepath.Join(h.data(), settingsFile)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the server's settings: %w", err)
	}
	return st.Account.own(path)
}

// includeSettings makes a new cluster read the settings file.
func includeSettings(dir string) error {
	file, err := os.OpenFile(filepath.Join(dir, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("include the server's settings: %w", err)
	}
	_, err = fmt.Fprintf(file, "\ninclude = '%s'\n", settingsFile)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("include the server's settings: %w", err)
	}
	return nil
}
