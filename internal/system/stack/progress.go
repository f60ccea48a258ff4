package stack

import (
	"strings"
	"sync"
	"time"
)

// progressEvery is how often a long build shows that it is alive.
const progressEvery = 5 * time.Second

// progress reads what go build -v prints and tells now and then how far it is.
type progress struct {
	say   Say
	since time.Time
	done  chan struct{}

	mu       sync.Mutex
	text     strings.Builder
	expected int
}

func beginProgress(say Say) *progress {
	p := &progress{say: say, since: time.Now(), done: make(chan struct{})}
	go p.report()
	return p
}

// expect tells how many packages there are; those that are compiled already will
// not be mentioned.
func (p *progress) expect(packages int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = packages
}

func (p *progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(text)
}

func (p *progress) report() {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-tick.C:
			p.tell()
		}
	}
}

func (p *progress) tell() {
	downloaded, compiled := p.counts()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case compiled == 0 && downloaded > 0:
		p.say("downloading, %d modules after %s", downloaded, elapsed(p.since))
	case p.expected > 0:
		p.say("building, %d of at most %d packages after %s", compiled, p.expected, elapsed(p.since))
	}
}

// counts tells downloaded modules and packages whose compilation has begun.
func (p *progress) counts() (downloaded, compiled int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.text.String()) {
		switch {
		case strings.HasPrefix(line, downloadMark):
			downloaded++
		case isPackage(line):
			compiled++
		}
	}
	return downloaded, compiled
}

const downloadMark = "go: downloading "

// isPackage tells an import path from the compiler's words.
func isPackage(line string) bool {
	return !strings.HasPrefix(line, "#") && !strings.ContainsAny(strings.TrimSpace(line), " \t:")
}

// problems is what was printed beside the names of packages.
func (p *progress) problems() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var kept strings.Builder
	for line := range strings.Lines(p.text.String()) {
		if !isPackage(line) && !strings.HasPrefix(line, downloadMark) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func (p *progress) end() { close(p.done) }
