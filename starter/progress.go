package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// progress shows how far a wait is: on a terminal one line that is drawn over, else
// a line for each step, so that a log can be read.
type progress struct {
	t     *terminal
	begin time.Time
	// last is the step printed last; drawn is the length of the line on screen.
	last  string
	drawn int
}

func (t *terminal) progress() *progress { return &progress{t: t, begin: time.Now()} }

// show tells the step, and how much of it is done where a total is known.
func (p *progress) show(step string, done, total int) {
	switch {
	case p.t.json:
	case p.t.live:
		p.draw(step, done, total)
	case step != p.last:
		p.last = step
		p.t.note("%s …", step)
	}
}

// end leaves a clean line behind.
func (p *progress) end() {
	if p.drawn > 0 {
		_, _ = fmt.Fprintf(p.t.err, "\r%s\r", strings.Repeat(" ", p.drawn))
		p.drawn = 0
	}
}

func (p *progress) draw(step string, done, total int) {
	line := fmt.Sprintf("%-10s %s  %s", step, bar(done, total), elapsed(time.Since(p.begin).Truncate(100*time.Millisecond)))
	length := utf8.RuneCountInString(line)
	_, _ = fmt.Fprintf(p.t.err, "\r%s%s", line, strings.Repeat(" ", max(0, p.drawn-length)))
	p.drawn = length
}

const barWidth = 24

// bar draws how much is done; a step of unknown length shows what is done so far.
func bar(done, total int) string {
	switch {
	case total <= 0 && done <= 0:
		return strings.Repeat("·", barWidth)
	case total <= 0:
		return fmt.Sprintf("%s %d", strings.Repeat("·", barWidth), done)
	}
	filled := min(barWidth, barWidth*done/total)
	return fmt.Sprintf("%s%s %d of %d", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), done, total)
}
