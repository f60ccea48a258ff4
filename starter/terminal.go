package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/eitje/connexie-worker/internal/config"
)

// terminal is where a command reads and writes: results on out, everything else on
// err, so that out can be piped.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	// live tells that a person watches err: a line may be drawn over.
	live bool
	// colour tells that out takes colours (https://no-color.org).
	colour bool
	// width is that of out; 0 where it has none.
	width int
	// json prints results, and errors, as one JSON value.
	json bool
	// begun tells that a command has begun its own work.
	begun bool
}

func newTerminal(in io.Reader, out, err *os.File) *terminal {
	t := &terminal{in: in, out: out, err: err, live: isTerminal(err) && os.Getenv("TERM") != "dumb"}
	if isTerminal(out) {
		t.width, _, _ = term.GetSize(int(out.Fd()))
		t.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return t
}

func isTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

// say prints a line of the result for people; nothing where JSON is wanted.
func (t *terminal) say(format string, args ...any) {
	if !t.json {
		_, _ = fmt.Fprintf(t.out, format+"\n", args...)
	}
}

// note prints a line beside the result: progress, a warning, an error.
func (t *terminal) note(format string, args ...any) {
	_, _ = fmt.Fprintln(t.err, strings.TrimRight(fmt.Sprintf(format, args...), "\n"))
}

// printJSON prints one value, indented: it is read by people as well.
func (t *terminal) printJSON(value any) {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value)
}

// result prints a value as JSON, or as show draws it for people.
func (t *terminal) result(value any, show func()) {
	if t.json {
		t.printJSON(value)
		return
	}
	show()
}

// warnUnknown tells of variables that look meant for us and are not read.
func (t *terminal) warnUnknown(environ []string) {
	for _, warning := range config.Unknown(environ) {
		t.note("warning: %s", warning)
	}
}
