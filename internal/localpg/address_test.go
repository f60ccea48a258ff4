package localpg

import (
	"context"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestAddressNamesDatabases(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"url":             "postgres://me:secret@db.example:6543/first?sslmode=disable",
		"url with dbname": "postgresql://me:secret@db.example:6543/?dbname=first&sslmode=disable",
		"keywords":        "host=db.example port=6543 user=me password=secret dbname=first sslmode=disable",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := Address{raw: raw}
			require.Equal(t, raw, address.URL(""))
			require.Equal(t, "db.example:6543", address.String())
			config, err := pgx.ParseConfig(address.URL("it's other"))
			require.NoError(t, err)
			require.Equal(t, "it's other", config.Database)
			require.Equal(t, "secret", config.Password)
			require.Equal(t, uint16(6543), config.Port)
		})
	}
}

func TestGivenServerThatIsDownIsAnErrorWithoutItsPassword(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	for _, raw := range []string{
		"postgres://me:secret@" + listener.Addr().String() + "/db",
		"postgres://me:secret@:not-a-port/db",
		"secret nonsense",
	} {
		_, err = Start(t.Context(), Options{URL: raw, Dir: t.TempDir()})
		require.ErrorContains(t, err, "cannot be used")
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestGivenServerIsUsedAndLeftAlone(t *testing.T) {
	t.Parallel()
	own, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Stop(context.Background())) })

	given, err := Start(t.Context(), Options{URL: own.URL("")})
	require.NoError(t, err)
	require.True(t, given.Given())
	require.NoError(t, given.Stop(t.Context()))
	require.NoError(t, own.EnsureDatabase(t.Context(), "still up"))
	require.NoError(t, own.DropDatabase(t.Context(), "still up"))
	require.NoError(t, own.DropDatabase(t.Context(), "still up"), "gone already")
}
