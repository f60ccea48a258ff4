package distance_test

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/system/bench/distance"
)

func TestRelay_PassesEverythingOnLater(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	server, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { // says back what it hears
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				heard := make([]byte, 4)
				for {
					if _, err := conn.Read(heard); err != nil {
						return
					}
					_, _ = conn.Write(heard)
				}
			}()
		}
	}()
	t.Cleanup(func() { _ = server.Close() })
	relay, err := distance.Listen(t.Context(), server.Addr().String(), delay)
	require.NoError(t, err)
	conn, err := net.Dial("tcp", relay.Address())
	require.NoError(t, err)
	for _, word := range []string{"near", "away"} {
		begin := time.Now()
		_, err = conn.Write([]byte(word))
		require.NoError(t, err)
		answer := make([]byte, 4)
		_, err = conn.Read(answer)
		require.NoError(t, err)
		require.Equal(t, word, string(answer))
		require.GreaterOrEqual(t, time.Since(begin), 2*delay)
	}
	require.NoError(t, relay.Close())
	_, err = conn.Read(make([]byte, 1))
	require.Error(t, err)
}
