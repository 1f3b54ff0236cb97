//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
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
	// Grandmasters are those that the operator has listed, for the configuration
	// that the recording is to be replayed with.
	Grandmasters []ptp.ClockIdentity
}

// What a rogue grandmaster, and what two senders of one identity, bring about
// beside what they are.
var (
	besideRogue = []string{"PTPGrandmasterChanged", "PTPGrandmasterFlapping", "PTPUnexpectedTopology", "PTPTransportAnomaly", "PTPTimeStep", "PTPIllegalClockQuality"}
	besideClone = []string{"PTPMessageIntervalAnomaly", "PTPFlood", "PTPTransportAnomaly", "PTPTwoStepAnomaly", "PTPTimeStep", "PTPCorrectionFieldAnomaly"}
)

// Attack is one of the tools.
type Attack interface {
	// describe fills in what there is to tell before the attack.
	describe(*truth.Episode)
	// interfaces are those to record beside the plan's.
	interfaces() []string
	// open gets ready: from here on it may listen, and hands on what it must.
	open(Plan) error
	// attack lasts until its work is done or ctx ends.
	attack(ctx context.Context) error
	// hostile says whether a frame that was sent is the attack's.
	hostile(*packet.Observation) bool
	// close undoes open, and tells what was learned meanwhile.
	close(*truth.Episode) error
}

// Run carries an attack out, records it and writes down the truth. When ctx
// ends early the recording is whole up to there.
func Run(ctx context.Context, p Plan, a Attack) (t *truth.Truth, err error) {
	if p.For <= 0 || p.For > longest || p.After < 0 || p.Rest < 0 {
		return nil, fmt.Errorf("attack for %v, after %v, rest %v: none negative and at most %v of attack are accepted", p.For, p.After, p.Rest, longest)
	}
	e := truth.Episode{Kind: truth.Attack, Network: p.Interface, Severity: "critical"}
	a.describe(&e)
	e.Name = e.Type
	if err := a.open(p); err != nil {
		return nil, err
	}
	t = &truth.Truth{Scenario: "lab", Description: e.Type, Start: time.Now().UTC()}
	r, err := record(p.Namespace, append([]string{p.Interface}, a.interfaces()...))
	if err != nil {
		return nil, errors.Join(err, a.close(&e))
	}
	pause(ctx, p.After)
	during, cancel := context.WithTimeout(ctx, p.For)
	defer cancel()
	e.Start = time.Now().UTC()
	err = a.attack(during)
	e.End = time.Now().UTC()
	pause(ctx, p.Rest)
	err = errors.Join(err, a.close(&e), r.end())
	e.FirstFrame, e.First = r.first(a.hostile)
	if e.Attacker != "" {
		e.Clocks = []string{e.Attacker}
	}
	t.Config = config(e.Domain, p.Grandmasters)
	t.Episodes, t.Frames, t.Duration = []truth.Episode{e}, uint64(len(r.frames)), time.Since(t.Start)
	for _, name := range r.interfaces {
		t.Interfaces = append(t.Interfaces, truth.Interface{Name: name, Clock: "system", Timescale: "utc"})
	}
	return t, errors.Join(err, r.write(p.Capture), write(p.Truth, t))
}

// config is an operator's, YAML, who lists the grandmasters of a domain.
func config(domain uint8, grandmasters []ptp.ClockIdentity) string {
	if len(grandmasters) == 0 {
		return ""
	}
	var text strings.Builder
	text.WriteString(fmt.Sprintf("domains:\n- domain: %d\n  grandmasters:\n", domain))
	for _, id := range grandmasters {
		text.WriteString(fmt.Sprintf("  - {identity: %v}\n", id))
	}
	return text.String()
}

func write(name string, t *truth.Truth) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return t.Write(f)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
