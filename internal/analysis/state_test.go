package analysis

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// story is one of everything: a takeover, an announce timeout, a loss, a return.
func story(b *bench) (all []*packet.Observation) {
	take := func(o *packet.Observation) { all = append(all, o) }
	for i := range 90 {
		b.at = epoch.Add(time.Duration(i) * time.Second)
		sec := i
		if sec < 20 || sec >= 60 {
			take(b.observation(announceFrom(gmA, 128)))
		}
		if sec < 30 || sec >= 60 {
			take(b.observation(syncFrom(gmA, uint16(i))))
		}
		if sec >= 10 && sec < 18 {
			take(b.observation(announceFrom(gmB, 100)))
		}
	}
	return all
}

// lies is one of everything that an Announce can say wrong, and more: a relay
// behind its source and one that is new, a lost path trace, another timescale,
// holdover and free run, an unexpected domain, a flood of newcomers.
func lies(b *bench) (all []*packet.Observation) {
	at := func(second int, m ptp.Message) {
		b.at = epoch.Add(time.Duration(second) * time.Second)
		m.SequenceID = uint16(second)
		all = append(all, b.observation(m))
	}
	relay := relayedBy(port1(0xD0), soundFrom(gmA), 1)
	for i := range 80 {
		gm, behind := soundFrom(gmA), with(relay, traced(0xA0, 0xD0))
		switch i / 5 {
		case 2:
			gm = with(gm, utcOffset(0))
		case 4:
			gm = withClass(gm, 7)
		case 5:
			gm = withClass(gm, 248)
		case 6:
			gm = with(gm, unflagged(ptp.FlagPTPTimescale))
		case 7:
			behind = withClass(relay, 9)
		case 8:
			behind = relay
		case 9:
			at(i, relayedBy(port1(0xD1), gm, 1))
		}
		at(i, behind)
		at(i, gm)
		if i == 70 {
			for n := range 20 {
				at(i, announceFrom(port1(ptp.ClockIdentity(0x1000+n)), 200))
			}
		}
		if i == 52 || i == 54 {
			b.domain = 5
			at(i, soundFrom(gmB))
			b.domain = 0
		}
	}
	return all
}

// A capture cut in two gives the same findings as the whole, wherever it is cut.
func TestResumeAnywhere(t *testing.T) {
	t.Run("who leads", func(t *testing.T) { resumeAnywhere(t, story) })
	t.Run("what is said", func(t *testing.T) { resumeAnywhere(t, lies) })
}

func resumeAnywhere(t *testing.T, story func(*bench) []*packet.Observation) {
	whole := newBench(t, Config{})
	all := story(whole)
	for _, o := range all {
		whole.Handle(o, whole.emit)
	}
	if len(whole.log) < 8 {
		t.Fatalf("the story is too short to test with: %v", whole.log)
	}
	for cut := range all {
		b := newBench(t, Config{})
		for _, o := range all[:cut] {
			b.Handle(o, b.emit)
		}
		b.Tracker = resumed(t, b.State())
		for _, o := range all[cut:] {
			b.Handle(o, b.emit)
		}
		if diff := cmp.Diff(whole.log, b.log); diff != "" {
			t.Fatalf("cut before message %d (-whole +cut):\n%s", cut+1, diff)
		}
	}
}

// resumed sends a State through JSON, as a file does.
func resumed(t *testing.T, s *State) *Tracker {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back State
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	tracker, err := Resume(Config{}, &back)
	if err != nil {
		t.Fatal(err)
	}
	return tracker
}

func TestResumeRefusesOtherVersions(t *testing.T) {
	_, err := Resume(Config{}, &State{Version: 7})
	if got, want := fmt.Sprint(err), "state of version 7: this program reads version 1"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}
