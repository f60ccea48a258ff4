package bench

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// tellEvery is how often something that takes long shows that it is alive.
const tellEvery = 15 * time.Second

// progress shows what is going on, in lines that read the same in a terminal and in a
// log.
type progress struct {
	out  io.Writer
	stop chan struct{}

	mu    sync.Mutex
	what  string
	since time.Time
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, stop: make(chan struct{})}
	go p.watch()
	return p
}

// begin names what is going on from now on.
func (p *progress) begin(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.what, p.since = fmt.Sprintf(format, args...), time.Now()
}

// done shows how long it took.
func (p *progress) done(seconds float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "  %-64s %8.3f s\n", p.what, seconds)
	p.what = ""
}

// say shows a line.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "  "+format+"\n", args...)
}

func (p *progress) end() { close(p.stop) }

func (p *progress) watch() {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.tell()
		}
	}
}

func (p *progress) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if passed := time.Since(p.since); p.what != "" && passed > tellEvery {
		fmt.Fprintf(p.out, "  %-64s %8.0f s and going on\n", p.what, passed.Seconds())
	}
}
