package localpg_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/localpg"
)

// userEnv makes this test binary a program that uses a cluster until it is
// killed: a second process, as parallel test packages are.
const userEnv = "LOCALPG_TEST_USER"

func TestMain(m *testing.M) {
	if text := os.Getenv(userEnv); text != "" {
		useUntilKilled(text)
		return
	}
	os.Exit(m.Run())
}

func useUntilKilled(text string) {
	var opts localpg.Options
	if err := json.Unmarshal([]byte(text), &opts); err != nil {
		panic(err)
	}
	cluster, err := localpg.Start(context.Background(), opts)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(cluster.URL(""))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestThrowAwayClusterLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cluster := start(t, localpg.Options{Dir: dir})
	conn := connect(t, cluster.URL(""))
	require.Equal(t, "off", show(t, conn, "fsync"))
	require.Equal(t, "200", show(t, conn, "max_connections"))
	require.Equal(t, "É", scan(t, conn, "select upper('é')"), "knows case beyond ASCII")

	require.NoError(t, cluster.Stop(t.Context()))
	require.NoError(t, cluster.Stop(t.Context()), "may be repeated")
	require.Error(t, conn.Ping(t.Context()))
	require.NoDirExists(t, filepath.Join(dir, "data"))
	require.NoFileExists(t, filepath.Join(dir, "cluster.json"))
}

func TestDurableClusterKeepsItsDataAndItsPort(t *testing.T) {
	t.Parallel()
	opts := localpg.Options{Dir: folder(t), Durable: true, Port: freePort(t)}
	first := start(t, opts)
	require.NoError(t, first.EnsureDatabase(t.Context(), "kept"))
	require.NoError(t, first.EnsureDatabase(t.Context(), "kept"), "exists already")
	execute(t, connect(t, first.URL("kept")), "create table notes as select 'here' as note")
	require.NoError(t, first.Stop(t.Context()))

	second := start(t, opts)
	require.Equal(t, first.URL("kept"), second.URL("kept"))
	conn := connect(t, second.URL("kept"))
	require.Equal(t, "here", scan(t, conn, "select note from notes"))
	require.Equal(t, "on", show(t, conn, "fsync"))
}

func TestRunningClusterIsSharedAndTheLastUserStopsIt(t *testing.T) {
	t.Parallel()
	opts := localpg.Options{Dir: folder(t)}
	clusters := make([]*localpg.Cluster, 4)
	var all sync.WaitGroup
	for i := range clusters {
		all.Go(func() { clusters[i] = start(t, opts) })
	}
	all.Wait()
	conn := connect(t, clusters[0].URL(""))
	for _, cluster := range clusters {
		require.Equal(t, clusters[0].URL(""), cluster.URL(""))
		require.NoError(t, conn.Ping(t.Context()), "while one is left")
		require.NoError(t, cluster.Stop(t.Context()))
	}
	require.Error(t, conn.Ping(t.Context()))
}

func TestServerStopsWhenItsUsersAreKilled(t *testing.T) {
	t.Parallel()
	opts := localpg.Options{Dir: folder(t)}
	one, two := startProcess(t, opts), startProcess(t, opts)
	require.Equal(t, one.url, two.url)
	conn := connect(t, one.url)

	one.kill(t)
	require.NoError(t, conn.Ping(t.Context()), "the second process still uses it")
	two.kill(t)
	require.Eventually(t, func() bool { return conn.Ping(context.Background()) != nil },
		30*time.Second, 50*time.Millisecond, "the keeper stops it")
	require.Eventually(t, func() bool { return !exists(filepath.Join(opts.Dir, "data")) },
		30*time.Second, 50*time.Millisecond)
}

func TestLingeringServerIsFoundByTheNextUser(t *testing.T) {
	t.Parallel()
	opts := localpg.Options{Dir: folder(t), Linger: time.Hour}
	first := start(t, opts)
	require.NoError(t, first.Stop(t.Context()))

	opts.Linger = 0
	second := start(t, opts)
	require.Equal(t, first.URL(""), second.URL(""))
	require.Contains(t, second.String(), "already running")
}

func TestDurableClusterRecoversAfterServerAndKeeperWereKilled(t *testing.T) {
	t.Parallel()
	opts := localpg.Options{Dir: folder(t), Durable: true}
	user := startProcess(t, opts)
	execute(t, connect(t, user.url), "create table notes as select 'here' as note")

	pid := serverPid(t, opts.Dir)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil || zombie(pid) },
		10*time.Second, 20*time.Millisecond)
	user.kill(t)

	cluster := start(t, opts)
	require.Equal(t, "here", scan(t, connect(t, cluster.URL("")), "select note from notes"))
}

func TestStrangerOnOurPortIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	opts := localpg.Options{Dir: folder(t), Durable: true}
	ours := start(t, opts)
	address, err := url.Parse(ours.URL(""))
	require.NoError(t, err)
	require.NoError(t, ours.Stop(t.Context()))

	stranger, err := net.Listen("tcp", address.Host)
	require.NoError(t, err)
	defer func() { _ = stranger.Close() }()
	go func() {
		for conn, err := stranger.Accept(); err == nil; conn, err = stranger.Accept() {
			_ = conn.Close()
		}
	}()
	again := start(t, opts)
	require.NotEqual(t, ours.URL(""), again.URL(""))
}

func TestTakenPortIsReplacedAndSaid(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()

	var said strings.Builder
	port := taken.Addr().(*net.TCPAddr).Port
	cluster := start(t, localpg.Options{Dir: folder(t), Port: port, Say: func(format string, args ...any) {
		fmt.Fprintf(&said, format+"\n", args...)
	}})
	require.Contains(t, said.String(), fmt.Sprintf("port %d is taken", port))
	require.NotContains(t, cluster.URL(""), fmt.Sprintf(":%d/", port))
}

func TestClusterOfAnotherVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	opts := localpg.Options{Dir: folder(t), Durable: true}
	require.NoError(t, start(t, opts).Stop(t.Context()))
	version := filepath.Join(opts.Dir, "data", "PG_VERSION")
	require.NoError(t, os.WriteFile(version, []byte("97\n"), 0o600))

	_, err := localpg.Start(t.Context(), opts)
	require.ErrorContains(t, err, "made by PostgreSQL 97")
	require.ErrorContains(t, err, "PG_BIN")
	require.FileExists(t, filepath.Join(opts.Dir, "data", "postgresql.conf"))
}

func TestKeptAndThrowAwayClustersDoNotMix(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	require.NoError(t, start(t, localpg.Options{Dir: dir, Durable: true}).Stop(t.Context()))
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	require.ErrorContains(t, err, "to be kept")
	require.DirExists(t, filepath.Join(dir, "data"))
}

func TestFailedStartGivesEverythingBack(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	say := func(string, ...any) { cancel() } // at "creating a cluster", just before initdb
	_, err := localpg.Start(ctx, localpg.Options{Dir: dir, Say: say})
	require.Error(t, err)
	require.NoDirExists(t, filepath.Join(dir, "data.new"))
	require.NoFileExists(t, filepath.Join(dir, "cluster.json"))

	start(t, localpg.Options{Dir: dir}) // and the folder is as good as new
}

func start(t *testing.T, opts localpg.Options) *localpg.Cluster {
	t.Helper()
	cluster, err := localpg.Start(t.Context(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Stop(context.Background())) })
	return cluster
}

type process struct {
	cmd *exec.Cmd
	url string
}

func startProcess(t *testing.T, opts localpg.Options) *process {
	t.Helper()
	text, err := json.Marshal(struct {
		Dir     string
		Durable bool
	}{opts.Dir, opts.Durable})
	require.NoError(t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), userEnv+"="+string(text))
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = stdin.Close() })
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &process{cmd: cmd}
	t.Cleanup(func() { p.end() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	p.url = strings.TrimSpace(line)
	require.True(t, strings.HasPrefix(p.url, "postgres://"), p.url)
	return p
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Kill())
	p.end()
}

func (p *process) end() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// folder is below the temporary folder itself: the account that the server runs
// as when the tests run as root cannot enter t.TempDir.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg-test-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func serverPid(t *testing.T, dir string) (pid int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	_, err = fmt.Sscan(string(text), &pid)
	require.NoError(t, err)
	return pid
}

// zombie tells a killed process that nobody has collected yet, as in containers
// whose first process does not.
func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(text), ") Z ")
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func scan(t *testing.T, conn *pgx.Conn, sql string) (value string) {
	t.Helper()
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&value))
	return value
}

func show(t *testing.T, conn *pgx.Conn, setting string) string {
	t.Helper()
	return scan(t, conn, "show "+setting)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
