package localpg

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMissingPostgresTellsWhereAndWhatToDo(t *testing.T) {
	t.Parallel()
	err := missing([]string{"PATH: nothing there", "Docker: not installed"}, errCannotInstall)
	require.ErrorContains(t, err, "  - PATH: nothing there\n  - Docker: not installed\n")
	require.ErrorContains(t, err, "DATABASE_URL")
	require.NotContains(t, err.Error(), "installing it", "nobody tried to")
	require.ErrorContains(t, missing(nil, errors.New("no network")), "installing it: no network")
}

func TestInstallCommandFitsTheSystem(t *testing.T) {
	t.Parallel()
	for release, command := range map[string]string{
		"ID=debian\n": "sudo apt-get install postgresql",
		"NAME=Mint\nID=linuxmint\nID_LIKE=ubuntu": "sudo apt-get install postgresql",
		"ID=\"rocky\"\nID_LIKE=\"rhel centos\"":   "sudo dnf install postgresql-server",
		"ID=fedora":                               "sudo dnf install postgresql-server",
		"ID=alpine":                               "apk add postgresql17",
		"ID=arch":                                 "sudo pacman -S postgresql",
		"ID=opensuse-leap\nID_LIKE=\"suse\"":      "sudo zypper install postgresql-server",
		"":                                        "with the system's package manager",
	} {
		require.Equal(t, command, installCommand("linux", release), release)
	}
	require.Equal(t, "brew install postgresql@17", installCommand("darwin", ""))
}

func TestPasswordIsNoArgumentOfTheContainer(t *testing.T) {
	t.Parallel()
	st := &state{Port: 5555, Password: "secret"}
	st.useContainer(&home{dir: "/somewhere"})
	args := st.runArguments()
	require.NotContains(t, args, "secret")
	require.Contains(t, args, "127.0.0.1:5555:5432")
	require.Contains(t, args, st.Container+":/var/lib/postgresql/data", "a durable cluster is kept in a volume")
	st.Ephemeral = true
	require.Contains(t, st.runArguments(), "fsync=off")
}
