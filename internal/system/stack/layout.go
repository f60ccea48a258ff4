package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const mainModule = "github.com/eitje/connexie-worker"

// Layout is where things are in a checkout.
type Layout struct{ Root string }

// FindLayout looks for the checkout upwards from the working folder.
func FindLayout() (Layout, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Layout{}, fmt.Errorf("find the checkout: %w", err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module "+mainModule+"\n") {
			return Layout{Root: dir}, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return Layout{}, errors.New("not inside a checkout of " + mainModule + "; change to one")
		}
		dir = parent
	}
}

// Program is the path of a program that is built or to be built.
func (l Layout) Program(name string) string { return filepath.Join(l.Root, ".stack", "bin", name) }

// Logs is the folder of all logs.
func (l Layout) Logs() string { return filepath.Join(l.Root, ".stack", "logs") }

// Log is the path of a program's log.
func (l Layout) Log(name string) string { return filepath.Join(l.Logs(), name+".log") }

// Postgres is the folder of the stack's own cluster.
func (l Layout) Postgres() string { return filepath.Join(l.Root, ".stack", "postgres") }

// Durable is the folder of the cluster that measurements run on.
func (l Layout) Durable() string { return filepath.Join(l.Root, ".stack", "bench") }

// Port returns the port that is preferred where it is free on this machine, else
// another one, and tells so.
func Port(ctx context.Context, preferred int, purpose string, say Say) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(preferred)))
	if err != nil && preferred != 0 {
		listener, err = config.Listen(ctx, "tcp", net.JoinHostPort(loopback, "0"))
		if err == nil {
			say("port %d is taken, %s is on %d instead", preferred, purpose, portOf(listener))
		}
	}
	if err != nil {
		return 0, fmt.Errorf("find a port for %s: %w", purpose, err)
	}
	defer func() { _ = listener.Close() }()
	return portOf(listener), nil
}

const loopback = "127.0.0.1"

func portOf(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }
