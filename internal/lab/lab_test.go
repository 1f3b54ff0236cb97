//go:build linux

package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Rates at which a client is synchronised within two seconds.
var quick = []string{"--logAnnounceInterval", "-2", "--logSyncInterval", "-4", "--logMinDelayReqInterval", "-4"}

func testNetwork(t *testing.T) *Network {
	t.Helper()
	n, err := NewNetwork()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// hub lays a hub with a grandmaster, a client and an attacker on it.
func hub(t *testing.T, options ...string) (n *Network, gm, client *Clock) {
	t.Helper()
	n = testNetwork(t)
	do(t, n.Hub("eth0", "gm", "client", "attacker"))
	gm, client = pair(t, n, options...)
	return n, gm, client
}

func pair(t *testing.T, n *Network, options ...string) (gm, client *Clock) {
	t.Helper()
	common := slices.Concat([]string{"-i", "eth0"}, quick, options)
	gm = clock(t, n, "gm", append(common, "--priority1", "100")...)
	client = clock(t, n, "client", append(common, "--slaveOnly", "1")...)
	eventually(t, "the client follows", func() bool { return current(client).delay > 0 }, client.Log)
	return gm, client
}

func clock(t *testing.T, n *Network, node string, options ...string) *Clock {
	t.Helper()
	c, err := n.Clock(node, options...)
	do(t, err)
	return c
}

func identity(t *testing.T, c *Clock) ptp.ClockIdentity {
	t.Helper()
	id, err := ptp.ParseClockIdentity(field(t, c, "DEFAULT_DATA_SET", "clockIdentity"))
	do(t, err)
	return id
}

// field is what pmc says of one.
func field(t *testing.T, c *Clock, set, name string) string {
	t.Helper()
	answer, err := c.Ask("GET " + set)
	do(t, err)
	words := strings.Fields(answer)
	i := slices.Index(words, name)
	if i < 0 || i+1 == len(words) {
		t.Fatalf("no %s in %s", name, answer)
	}
	return words[i+1]
}

// measured is what a client makes of its grandmaster's messages.
type measured struct{ offset, delay time.Duration }

// current is zero where there is no answer.
func current(c *Clock) (m measured) {
	answer, err := c.Ask("GET CURRENT_DATA_SET")
	if err != nil {
		return m
	}
	words := strings.Fields(answer)
	for i, w := range words[:max(0, len(words)-1)] {
		ns, _ := strconv.ParseFloat(words[i+1], 64)
		switch w {
		case "offsetFromMaster":
			m.offset = time.Duration(ns)
		case "meanPathDelay":
			m.delay = time.Duration(ns)
		}
	}
	return m
}

// later asks a client after some time.
func later(c *Clock, d time.Duration) <-chan measured {
	m := make(chan measured, 1)
	time.AfterFunc(d, func() { m <- current(c) })
	return m
}

func eventually(t *testing.T, what string, holds func() bool, log func() string) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 15 s: %s:\n%s", what, log())
		}
	}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// carryOut runs an attack and returns the truth, as it was written, and the
// recording, as our own reader reads it.
func carryOut(t *testing.T, p Plan, a Attack) (*truth.Episode, []packet.Observation) {
	t.Helper()
	folder := t.TempDir()
	p.Capture, p.Truth = filepath.Join(folder, "attack.pcapng"), filepath.Join(folder, "attack.json")
	p.Grandmasters = []ptp.ClockIdentity{0x1122}
	_, err := Run(t.Context(), p, a)
	do(t, err)
	f, err := os.Open(p.Truth)
	do(t, err)
	defer f.Close()
	told, err := truth.Read(f)
	do(t, err)
	all := read(t, p.Capture)
	e := &told.Episodes[0]
	if told.Frames != uint64(len(all)) || e.End.Sub(e.Start) > p.For+time.Second || e.Start.Before(told.Start) || e.End.After(told.Start.Add(told.Duration)) {
		t.Errorf("truth: %+v", told)
	}
	wanted := fmt.Sprintf("domains:\n- domain: %d\n  grandmasters:\n  - {identity: 000000.0000.001122}\n", e.Domain)
	if diff := cmp.Diff(wanted, told.Config); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	return e, all
}

func read(t *testing.T, name string) (all []packet.Observation) {
	t.Helper()
	files, err := capture.OpenFiles([]string{name}, nil, capture.Options{})
	do(t, err)
	defer files.Close()
	for {
		var o packet.Observation
		err := files.Next(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		do(t, err)
		o.Message.TLVs = slices.Clone(o.Message.TLVs)
		all = append(all, o)
	}
}

// sent are the frames that the attacker's interface sent.
func sent(all []packet.Observation) (by []packet.Observation) {
	for _, o := range all {
		if o.Egress {
			by = append(by, o)
		}
	}
	return by
}

// checkFirst says that the truth names the first hostile frame.
func checkFirst(t *testing.T, e *truth.Episode, first *packet.Observation) {
	t.Helper()
	if !e.First.Equal(first.At) || e.FirstFrame != first.Frame.Number {
		t.Errorf("truth: first %v, frame %d; the recording has it at %v, frame %d", e.First, e.FirstFrame, first.At.UTC(), first.Frame.Number)
	}
	if first.At.Before(e.Start) || first.At.After(e.End) {
		t.Errorf("the first hostile frame at %v is not between %v and %v", first.At, e.Start, e.End)
	}
}
