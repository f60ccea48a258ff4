package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// errCannotInstall tells that installing is for the user to do.
var errCannotInstall = errors.New("installing needs root on Debian or Ubuntu")

// install adds PostgreSQL where nobody is there to be asked: as root on Debian
// or Ubuntu, which is what a fresh container is.
func install(ctx context.Context, opts Options) ([]binaries, error) {
	if os.Geteuid() != 0 || !debianLike(osRelease()) {
		return nil, errCannotInstall
	}
	opts.Say("no PostgreSQL found; installing it with apt-get, which takes about a minute")
	for _, args := range [][]string{
		{"update"},
		{"install", "--yes", "--no-install-recommends", "postgresql"},
	} {
		opts.Say("  apt-get %s", strings.Join(args, " "))
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("apt-get %s: %w\n%s", args[0], err, out)
		}
	}
	found, vain := machinePlaces(opts).find(ctx)
	if len(found) == 0 {
		return nil, fmt.Errorf("installed, but still not usable: %s", strings.Join(vain, "; "))
	}
	return found, nil
}

// missing is the error of a machine without PostgreSQL: where was looked, and
// what to do.
func missing(vain []string, cause error) error {
	var text strings.Builder
	text.WriteString("no PostgreSQL to run. Looked at:\n")
	for _, line := range vain {
		text.WriteString("  - " + line + "\n")
	}
	if !errors.Is(cause, errCannotInstall) {
		fmt.Fprintf(&text, "  - installing it: %v\n", cause)
	}
	fmt.Fprintf(&text, "Install it (%s), start Docker, point PG_BIN at the folder of initdb and postgres, "+
		"or set DATABASE_URL to a server of version %d or later.", installCommand(runtime.GOOS, osRelease()), oldestMajor)
	return errors.New(text.String())
}

// installCommand is what a user types on this system.
func installCommand(system, release string) string {
	switch {
	case system == "darwin":
		return "brew install postgresql@17"
	case debianLike(release):
		return "sudo apt-get install postgresql"
	case releaseHas(release, "fedora", "rhel", "centos"):
		return "sudo dnf install postgresql-server"
	case releaseHas(release, "alpine"):
		return "apk add postgresql17"
	case releaseHas(release, "arch"):
		return "sudo pacman -S postgresql"
	case releaseHas(release, "suse"):
		return "sudo zypper install postgresql-server"
	}
	return "with the system's package manager"
}

// osRelease is the system's description of itself; empty where it has none.
func osRelease() string {
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return ""
	}
	return string(text)
}

func debianLike(release string) bool { return releaseHas(release, "debian", "ubuntu") }

// releaseHas looks for a family's name in the ID and ID_LIKE lines.
func releaseHas(release string, names ...string) bool {
	for line := range strings.Lines(release) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key != "ID" && key != "ID_LIKE" {
			continue
		}
		for _, name := range names {
			if strings.Contains(strings.ToLower(value), name) {
				return true
			}
		}
	}
	return false
}
