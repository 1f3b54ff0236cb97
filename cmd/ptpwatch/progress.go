package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress shows on a terminal how far long work has come; its zero value
// shows nothing.
type progress struct {
	w     io.Writer
	shown time.Time
}

// every is how often the line is drawn anew.
const every = 200 * time.Millisecond

// newProgress shows progress on w if that is a terminal.
func newProgress(w io.Writer) *progress {
	if !isTerminal(w) {
		return &progress{}
	}
	return &progress{w: w}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// show draws the line: done and total are octets, total 0 when not known.
func (p *progress) show(done, total int64) {
	now := time.Now()
	switch {
	case p.w == nil || now.Sub(p.shown) < every:
	case total > 0:
		p.draw(fmt.Sprintf("%3d %% of %s", done*100/total, octets(total)))
	default:
		p.draw(octets(done))
	}
}

// draw puts a text in place of the line.
func (p *progress) draw(text string) {
	if p.w != nil {
		p.shown = time.Now()
		fmt.Fprintf(p.w, "\r\x1b[K%s", text)
	}
}

// clear removes the line.
func (p *progress) clear() {
	if !p.shown.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func octets(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	default:
		return fmt.Sprintf("%d KiB", n>>10)
	}
}
