package simulate

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

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

var traits = [traitCount]trait{
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

// look is what a frame looks like to those that are for the same.
type look struct {
	message   ptp.MessageType
	multicast bool
	traits    [traitCount]uint64
}

const traitCount = 13

func lookOf(f *network.Frame) look {
	l := look{message: f.Message.Type, multicast: f.Multicast()}
	for i := range traits {
		l.traits[i] = traits[i].of(f)
	}
	return l
}

// comparison is of hostile frames with honest ones: those that are part of an
// attack look like others of their kind in all that the attack can do without,
// and no sender begins to count when it attacks.
type comparison struct {
	needs          string
	hostile        map[int]bool // by number of the episode
	honest, theirs map[look]int
	firsts         map[packet.MAC]*network.Frame
}

func newComparison(s *Scenario) comparison {
	base, _, _ := strings.Cut(s.Name, "/")
	return comparison{needed[base], attacks(s), map[look]int{}, map[look]int{}, map[packet.MAC]*network.Frame{}}
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

func (c *comparison) add(f *network.Frame) {
	if len(c.hostile) == 0 {
		return
	}
	if c.firsts[f.Source] == nil {
		c.firsts[f.Source] = f.Copy()
	}
	switch {
	case !c.hostile[f.Episode]:
		c.honest[lookOf(f)]++
	case f.Raw == nil: // what is malformed has no traits
		c.theirs[lookOf(f)]++
	}
}

func (c *comparison) check(t *testing.T) {
	t.Helper()
	type kin struct {
		message   ptp.MessageType
		multicast bool
	}
	var ordinary [traitCount]map[kin]map[uint64]bool
	for i := range traits {
		ordinary[i] = map[kin]map[uint64]bool{}
		for l := range c.honest {
			k := kin{l.message, l.multicast}
			if ordinary[i][k] == nil {
				ordinary[i][k] = map[uint64]bool{}
			}
			ordinary[i][k][l.traits[i]] = true
		}
	}
	for l, times := range c.theirs {
		for i, v := range l.traits {
			honest := ordinary[i][kin{l.message, l.multicast}]
			if traits[i].name != c.needs && len(honest) > 0 && !honest[v] {
				t.Errorf("the %s of %d hostile %v messages is %#x, of honest ones %#x", traits[i].name, times, l.message, v, slices.Sorted(maps.Keys(honest)))
			}
		}
	}
	for mac, f := range c.firsts {
		if f.Transport == packet.UDPv4 && f.IPID < 16 || f.Message.SequenceID < 4 {
			t.Errorf("%v is first seen with IP identification %d and sequenceId %d", mac, f.IPID, f.Message.SequenceID)
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
