package temporaldev

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// ports are taken for every part of the server.
type ports struct {
	frontend, history, matching, worker int
	ui                                  int
}

// choosePorts holds all ports at once, so that they differ, and gives them back
// for the server to take. A port that is asked for and taken is an error here:
// the UI server would end the process.
func choosePorts(host string, frontend, ui int) (chosen ports, err error) {
	var held []net.Listener
	defer func() {
		for _, listener := range held {
			err = errors.Join(err, listener.Close())
		}
	}()
	for _, wish := range []struct {
		what string
		host string
		port int
		into *int
	}{
		{"Temporal", host, frontend, &chosen.frontend},
		{"the Web UI", host, ui, &chosen.ui},
		{"history", loopback, 0, &chosen.history},
		{"matching", loopback, 0, &chosen.matching},
		{"internal workers", loopback, 0, &chosen.worker},
	} {
		listener, err := net.Listen("tcp", net.JoinHostPort(wish.host, strconv.Itoa(wish.port)))
		if err != nil {
			return ports{}, fmt.Errorf("port for %s: %w; choose another, or 0 for a free one", wish.what, err)
		}
		held = append(held, listener)
		*wish.into = listener.Addr().(*net.TCPAddr).Port
	}
	return chosen, nil
}
