package stack

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// display writes plain lines, which read the same in a terminal and in a log.
type display struct {
	out io.Writer
	mu  sync.Mutex
}

// step is one part while it starts or stops.
type step struct {
	display *display
	name    string
	since   time.Time
}

func (d *display) begin(name string) *step {
	return &step{display: d, name: name, since: time.Now()}
}

func (s *step) say(format string, args ...any) { s.line(" ", fmt.Sprintf(format, args...)) }

func (s *step) ready(summary string) {
	s.line("✓", fmt.Sprintf("%-8s %s", elapsed(s.since), summary))
}

func (s *step) stopped() { s.line("✓", fmt.Sprintf("%-8s stopped", elapsed(s.since))) }

func (s *step) failed() { s.line("✗", fmt.Sprintf("%-8s failed", elapsed(s.since))) }

func (s *step) line(mark, text string) {
	s.display.mu.Lock()
	defer s.display.mu.Unlock()
	_, _ = fmt.Fprintf(s.display.out, "  %-12s %s %s\n", s.name, mark, text)
}

// elapsed is a duration as people say it: 0.4 s, 12 s, 3 min 5 s.
func elapsed(since time.Time) string {
	d := time.Since(since)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
