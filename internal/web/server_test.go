package web

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServe_LetsRequestsUnderWayFinish(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	inside, letGo := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-letGo
		_, _ = io.WriteString(w, "finished")
	})
	addr, served := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		served <- Serve(ctx, "127.0.0.1:0", handler, log.New(io.Discard, "", 0), func(a net.Addr) { addr <- a })
	}()
	url := "http://" + (<-addr).String()
	got := make(chan string, 1)
	go func() {
		answer, err := http.Get(url)
		if err != nil {
			got <- err.Error()
			return
		}
		text, _ := io.ReadAll(answer.Body)
		got <- string(text)
	}()
	<-inside
	stop()
	require.Eventually(t, func() bool {
		_, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		return err != nil
	}, 5*time.Second, 5*time.Millisecond, "nobody new is let in")
	close(letGo)
	require.Equal(t, "finished", <-got)
	require.NoError(t, <-served)
}

func TestServe_APortInUseIsNamed(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	err = Serve(t.Context(), taken.Addr().String(), nil, nil, nil)
	require.ErrorContains(t, err, "another process uses this port")
}

// A handler may take longer than reading the request may.
func TestServe_TheReadDeadlineCancelsNoHandler(t *testing.T) {
	t.Parallel()
	const deadline = 50 * time.Millisecond
	var bodies bytes.Buffer
	server := httptest.NewUnstartedServer(bodyInMemory(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = bodies.ReadFrom(r.Body)
		select {
		case <-r.Context().Done():
			w.WriteHeader(http.StatusServiceUnavailable)
		case <-time.After(3 * deadline):
		}
	})))
	server.Config.ReadTimeout = deadline
	server.Start()
	defer server.Close()
	for _, body := range []string{"", "{}", ""} { // on one connection
		answer, err := server.Client().Post(server.URL, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, answer.StatusCode, "with body %q", body)
		_ = answer.Body.Close()
	}
	require.Equal(t, "{}", bodies.String())
}

func TestServe_ABodyThatNeverEndsIsGivenUp(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(bodyInMemory(http.NotFoundHandler()))
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer connection.Close()
	_, err = io.WriteString(connection, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
	require.NoError(t, err)
	require.NoError(t, connection.SetReadDeadline(time.Now().Add(5*time.Second)))
	answer, err := io.ReadAll(connection)
	require.NoError(t, err)
	require.Contains(t, string(answer), "HTTP/1.1 400")
	require.Contains(t, string(answer), "the body did not arrive as a whole")
}

func TestRecovered_CutsAnAnswerThatHadBegun(t *testing.T) {
	t.Parallel()
	a := &api{Options: Options{Log: silent{}}}
	handler := a.observed(a.recovered(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"half":`)
		panic("in the middle")
	})))
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	})
}

type silent struct{}

func (silent) Answered(Exchange)    {}
func (silent) Failed(string, error) {}
