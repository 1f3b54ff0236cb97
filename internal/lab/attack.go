//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// longest is how long an attack may last at most.
const longest = time.Hour

// Plan says where an attack takes place, when, and where it is recorded.
type Plan struct {
	Namespace string
	Interface string // for an InPath: the side of the clients
	// After, For and Rest are how long the recording is before, during and after
	// the attack.
	After, For, Rest time.Duration
	Capture          string // pcapng file to write
	Truth            string // JSON file to write
}

// Attack is one of the tools.
type Attack interface {
	// describe fills in what there is to tell before the attack.
	describe(*Truth)
	// interfaces are those to record beside the plan's.
	interfaces() []string
	// open gets ready: from here on it may listen, and hands on what it must.
	open(Plan) error
	// attack lasts until its work is done or ctx ends.
	attack(ctx context.Context) error
	// hostile says whether a frame that was sent is the attack's.
	hostile(*packet.Observation) bool
	// close undoes open, and tells what was learned meanwhile.
	close(*Truth) error
}

// Run carries an attack out, records it and writes down the truth. When ctx
// ends early the recording is whole up to there.
func Run(ctx context.Context, p Plan, a Attack) (t *Truth, err error) {
	if p.For <= 0 || p.For > longest || p.After < 0 || p.Rest < 0 {
		return nil, fmt.Errorf("attack for %v, after %v, rest %v: none negative and at most %v of attack are accepted", p.For, p.After, p.Rest, longest)
	}
	t = &Truth{Network: p.Interface, Parameters: map[string]any{}, Alerts: []string{}}
	a.describe(t)
	r, err := record(p.Namespace, append([]string{p.Interface}, a.interfaces()...))
	if err != nil {
		return nil, err
	}
	err = t.carryOut(ctx, p, a)
	err = errors.Join(err, r.end())
	if number, at := r.first(a.hostile); number > 0 {
		t.First, t.FirstFrame = &at, number
	}
	t.Frames = uint64(len(r.frames))
	return t, errors.Join(err, r.write(p.Capture), t.write(p.Truth))
}

func (t *Truth) carryOut(ctx context.Context, p Plan, a Attack) error {
	if err := a.open(p); err != nil {
		return err
	}
	pause(ctx, p.After)
	during, cancel := context.WithTimeout(ctx, p.For)
	defer cancel()
	t.Start = time.Now().UTC()
	err := a.attack(during)
	t.End = time.Now().UTC()
	pause(ctx, p.Rest)
	return errors.Join(err, a.close(t))
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
