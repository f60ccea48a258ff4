package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// readyTimeout bounds the start of a program of ours.
const readyTimeout = 60 * time.Second

// Process describes a program to run beside us.
type Process struct {
	Path string
	Args []string
	// Env is added to our own environment.
	Env []string
	Dir string
	// LogFile receives what it prints; it is begun anew.
	LogFile string
}

// Child is a program that has been launched, in a process group of its own, so
// that Ctrl-C reaches us alone and the parts end in order. On Linux it also ends
// when we are killed.
type Child struct {
	cmd   *exec.Cmd
	name  string
	log   string
	first *firstLine
	// stdin stays open as long as we live: programs that watch it end with us.
	stdin io.Closer
	done  chan struct{} // closed when it has ended
	err   error         // how; read after done
}

// Launch starts the program and returns at once; see Await.
func Launch(p Process) (*Child, error) {
	name := filepath.Base(p.Path)
	if err := os.MkdirAll(filepath.Dir(p.LogFile), 0o755); err != nil {
		return nil, fmt.Errorf("launch %s: %w", name, err)
	}
	log, err := os.Create(p.LogFile)
	if err != nil {
		return nil, fmt.Errorf("launch %s: %w", name, err)
	}
	c := &Child{
		name: name, log: p.LogFile, first: &firstLine{next: log, line: make(chan string, 1)},
		done: make(chan struct{}),
	}
	c.cmd = exec.Command(p.Path, p.Args...) //nolint:noctx // ended by Stop, gently first
	c.cmd.Dir = p.Dir
	c.cmd.Env = append(os.Environ(), p.Env...)
	c.cmd.Stdout, c.cmd.Stderr = c.first, log
	c.cmd.SysProcAttr = ownGroup()
	if c.stdin, err = c.cmd.StdinPipe(); err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		_ = log.Close()
		return nil, fmt.Errorf("launch %s: %w", name, err)
	}
	go func() {
		c.err = c.cmd.Wait()
		_ = log.Close()
		close(c.done)
	}()
	return c, nil
}

// Pid is the child's process id.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Ended is closed when the child has ended, for whatever reason.
func (c *Child) Ended() <-chan struct{} { return c.done }

// running is the child as a part of the stack.
func (c *Child) running(summary string) Running {
	return Running{Summary: summary, Stop: c.Stop, Ended: c.Ended(), Failure: c.Failure}
}

// Await returns when ready does without error. It fails when the child ends
// before, with the end of its log, or when ctx does.
func (c *Child) Await(ctx context.Context, ready func(context.Context) error) error {
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return c.Failure()
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; see %s", c.name, err, c.log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// awaitWithin is Await with the patience that programs of ours need.
func (c *Child) awaitWithin(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return c.Await(ctx, ready)
}

// FirstLine waits for the first line of the child's standard output.
func (c *Child) FirstLine(ctx context.Context) (string, error) {
	select {
	case line := <-c.first.line:
		return line, nil
	case <-c.done:
		return "", c.Failure()
	case <-ctx.Done():
		return "", fmt.Errorf("%s is not ready: %w; see %s", c.name, context.Cause(ctx), c.log)
	}
}

// Failure tells how a child that was not asked to has ended.
func (c *Child) Failure() error {
	<-c.done
	how := errors.New("it exited by itself")
	if c.err != nil {
		how = c.err
	}
	return fmt.Errorf("%s: %w; the end of %s:\n%s", c.name, how, c.log, tail(c.log))
}

// Stop asks the child to end and waits; when ctx ends first it is killed, with
// everything that it has started. An earlier end is no error.
func (c *Child) Stop(ctx context.Context) error {
	c.signal(syscall.SIGTERM)
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		c.Kill()
		return fmt.Errorf("%s did not end when asked to and was killed; see %s", c.name, c.log)
	}
}

// Kill ends the child and everything it has started at once, as a crash would.
func (c *Child) Kill() {
	c.signal(syscall.SIGKILL)
	<-c.done
}

// signal reaches the child's whole group, unless the child has been collected
// and its number may be somebody else's.
func (c *Child) signal(sig syscall.Signal) {
	select {
	case <-c.done:
	default:
		_ = syscall.Kill(-c.Pid(), sig) // gone this moment: done tells
	}
}

// tail is what an error shows of a log.
func tail(path string) string {
	const lines = 20
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// firstLine passes everything on and keeps the first line aside.
type firstLine struct {
	next io.Writer
	line chan string
	head strings.Builder
	seen bool
}

func (f *firstLine) Write(text []byte) (int, error) {
	if !f.seen {
		head, _, found := strings.Cut(string(text), "\n")
		f.head.WriteString(head)
		if f.seen = found; found {
			f.line <- f.head.String()
		}
	}
	return f.next.Write(text)
}
