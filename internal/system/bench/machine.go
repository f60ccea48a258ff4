package bench

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/system/bench/subject"
)

// Machine is what everything ran on.
type Machine struct {
	Date       string            `json:"date"`
	Commit     string            `json:"commit"`
	Cores      int               `json:"cores"`
	Processor  string            `json:"processor"`
	MemoryGiB  int               `json:"memory_gib"`
	Kernel     string            `json:"kernel"`
	Go         string            `json:"go"`
	PostgreSQL string            `json:"postgresql"`
	Settings   map[string]string `json:"postgresql_settings"`
	Temporal   string            `json:"temporal"`
}

// settings of PostgreSQL that decide what a commit costs and how much fits in memory.
var settings = []string{"fsync", "full_page_writes", "jit", "shared_buffers", "synchronous_commit", "work_mem"}

func (b *bench) describe(ctx context.Context) error {
	m := Machine{
		Date: time.Now().UTC().Format("2006-01-02 15:04 UTC"), Cores: runtime.NumCPU(), Go: runtime.Version(),
		Processor: valueIn("/proc/cpuinfo", "model name"), Kernel: runtime.GOOS + " " + kernelVersion(),
		MemoryGiB: gib(valueIn("/proc/meminfo", "MemTotal")), Commit: commit(ctx, b.Layout.Root), Settings: map[string]string{},
	}
	var err error
	if m.PostgreSQL, err = serverSetting(ctx, b.DatabaseURL, "server_version"); err != nil {
		return err
	}
	for _, name := range settings {
		if m.Settings[name], err = serverSetting(ctx, b.DatabaseURL, name); err != nil {
			return err
		}
	}
	c, err := subject.Dial(ctx, b.TemporalAddress, client.DefaultNamespace)
	if err != nil {
		return err
	}
	defer c.Close()
	system, err := c.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	m.Temporal = system.GetServerVersion()
	b.report.Machine = m
	return err
}

func serverSetting(ctx context.Context, url, name string) (value string, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", errors.New("PostgreSQL does not answer") // the error would repeat the URL
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	err = conn.QueryRow(ctx, `select current_setting($1)`, name).Scan(&value)
	return value, err
}

// commit names the checkout, with a mark where it holds more than was committed.
func commit(ctx context.Context, root string) string {
	out, err := exec.CommandContext(ctx, "git", "-C", root, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// valueIn finds the value of a name in a file of lines such as name : value.
func valueIn(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// kernelVersion leaves out what a distributor or provider added.
func kernelVersion() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease") // empty where there is none
	version, _, _ := strings.Cut(strings.TrimSpace(string(text)), "-")
	return version
}

// gib reads an amount such as 24685116 kB.
func gib(text string) int {
	kib, err := strconv.Atoi(strings.TrimSuffix(text, " kB"))
	if err != nil {
		return 0
	}
	return (kib + 1<<19) >> 20
}
