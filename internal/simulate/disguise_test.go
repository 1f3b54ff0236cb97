package simulate

import (
	"context"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// trait is what a frame looks like in one respect, beside what its message is
// about; of is that as a number.
type trait struct {
	name string
	of   func(f *network.Frame) uint64
}

var traits = []trait{
	{"vendor", func(f *network.Frame) uint64 {
		return uint64(slices.Index(vendors[:], [3]byte(f.Source[:3])) / len(vendors))
	}},
	{"tag", func(f *network.Frame) uint64 { return uint64(f.VLAN)<<8 | uint64(f.PCP) }},
	{"transport", func(f *network.Frame) uint64 { return uint64(f.Transport) }},
	{"TTL", func(f *network.Frame) uint64 { return uint64(f.TTL) }},
	{"DSCP", func(f *network.Frame) uint64 { return uint64(f.DSCP) }},
	{"version", func(f *network.Frame) uint64 {
		return uint64(f.Message.VersionPTP)<<4 | uint64(f.Message.MinorVersionPTP)
	}},
	{"domain", func(f *network.Frame) uint64 { return uint64(f.Message.SdoID)<<8 | uint64(f.Message.DomainNumber) }},
	{"controlField", func(f *network.Frame) uint64 { return uint64(f.Message.ControlField) }},
	{"logMessageInterval", func(f *network.Frame) uint64 { return uint64(uint8(f.Message.LogMessageInterval)) }},
	{"flags", func(f *network.Frame) uint64 { return uint64(f.Message.Flags &^ timeFlags) }},
	{"TLVs", func(f *network.Frame) (v uint64) {
		for t := range ptp.AllTLVs(f.Message.TLVs) {
			v = v<<16 | uint64(t)
		}
		return v
	}},
	{"step of the timestamp", func(f *network.Frame) uint64 {
		ns, _ := ptp.Nanoseconds(f.Message.Timestamp)
		if ns == 0 {
			return math.MaxUint64
		}
		return uint64(ns % 8)
	}},
	{"step of the correctionField", func(f *network.Frame) uint64 { return uint64(f.Message.CorrectionField) % (8 << 16) }},
}

const timeFlags = ptp.FlagLeap61 | ptp.FlagLeap59 | ptp.FlagCurrentUTCOffsetValid | ptp.FlagPTPTimescale |
	ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagSynchronizationUncertain

// needed are the traits that attacks cannot do without.
var needed = map[string]string{
	"announce-interval-inflation": "logMessageInterval",
	"authentication-downgrade":    "TLVs",
	"delay-interval-poison":       "logMessageInterval",
	"rogue-grandmaster-gptp":      "step of the correctionField", // another link has another delay
	"two-step-flag":               "flags",
	"unexpected-domain":           "domain",
	"version-downgrade":           "version",
}

// kin are frames that are alike in what they are for.
type kin struct {
	message   ptp.MessageType
	multicast bool
	trait     string
}

// looks are the values of traits, and how often they occur.
type looks map[kin]map[uint64]int

func (l looks) add(f *network.Frame) {
	for _, t := range traits {
		if f.Raw != nil && t.name == "version" {
			return // what follows is not there
		}
		k := kin{f.Message.Type, f.Multicast(), t.name}
		if l[k] == nil {
			l[k] = map[uint64]int{}
		}
		l[k][t.of(f)]++
	}
}

// attacks are the numbers of a scenario's episodes that are attacks.
func attacks(s *Scenario) map[int]bool {
	all := map[int]bool{}
	for i, e := range s.file.Truth {
		if truth.Kind(e.Kind) == truth.Attack {
			all[i+1] = true
		}
	}
	return all
}

// Frames that are part of an attack look like honest ones of their kind in all
// that the attack can do without; and no sender begins to count when it
// attacks.
func TestNothingGivesAttacksAway(t *testing.T) {
	t.Parallel()
	for _, s := range List() {
		if hostile := attacks(s); len(hostile) > 0 && s.Duration <= 15*time.Minute {
			t.Run(s.Name, func(t *testing.T) { lookAlike(t, s, hostile) })
		}
	}
}

func lookAlike(t *testing.T, s *Scenario, hostile map[int]bool) {
	honest, theirs := looks{}, looks{}
	counters := map[packet.MAC]*network.Frame{}
	m, err := s.open(1, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	var until event.Time
	m.writer.seen = func(f *network.Frame) {
		if counters[f.Source] == nil {
			counters[f.Source] = f.Copy()
		}
		if !hostile[f.Episode] {
			honest.add(f)
			return
		}
		theirs.add(f)
		if until == 0 {
			until = m.net.Now() + 30*event.Second
		} else if m.net.Now() > until {
			enough()
		}
	}
	if _, err := m.play(ctx, s, nil); err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	base, _, _ := strings.Cut(s.Name, "/")
	compare(t, needed[base], honest, theirs)
	for mac, f := range counters {
		if f.Transport == packet.UDPv4 && f.IPID < 16 || f.Message.SequenceID < 8 {
			t.Errorf("%v is first seen with IP identification %d and sequenceId %d", mac, f.IPID, f.Message.SequenceID)
		}
	}
}

func compare(t *testing.T, needs string, honest, theirs looks) {
	t.Helper()
	for k, values := range theirs {
		if k.trait == needs || len(honest[k]) == 0 {
			continue
		}
		for v, times := range values {
			if honest[k][v] == 0 {
				t.Errorf("the %s of %d hostile %v messages is %#x, of honest ones %#x", k.trait, times, k.message, v, slices.Sorted(maps.Keys(honest[k])))
			}
		}
	}
}

// No attack begins at a round time, or at the same one under each seed.
func TestAttacksBeginByChance(t *testing.T) {
	for _, s := range List() {
		hostile := attacks(s)
		for _, e := range s.file.Events {
			for n, k := range s.file.Truth {
				if hostile[n+1] && e.Episode != nil && e.Episode.name == k.Episode && e.At.to-e.At.from < 30*event.Second {
					t.Errorf("%s: %s begins within %d s", s.Name, k.Episode, (e.At.to-e.At.from)/event.Second)
				}
			}
		}
	}
}
