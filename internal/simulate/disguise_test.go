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
	{"length of the TLVs", func(f *network.Frame) uint64 { return uint64(len(f.Message.TLVs)) }},
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
var needed = map[string][]string{
	"announce-interval-inflation": {"logMessageInterval"},
	"authentication-downgrade":    {"TLVs", "length of the TLVs"},
	"delay-interval-poison":       {"logMessageInterval"},
	"path-trace-loop":             {"length of the TLVs"},
	"rogue-grandmaster-gptp":      {"length of the TLVs", "step of the correctionField"}, // it is behind another bridge and link
	"two-step-flag":               {"flags"},
	"unexpected-domain":           {"domain"},
	"version-downgrade":           {"version"},
}

// look is what a frame looks like to those that are for the same.
type look struct {
	message   ptp.MessageType
	multicast bool
	traits    [traitCount]uint64
}

const traitCount = 14

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
	needs          []string
	hostile        map[int]bool // by number of the episode
	honest, theirs map[look]int
	firsts         map[packet.MAC]*network.Frame
	gaps           gaps
}

func newComparison(s *Scenario) comparison {
	base, _, _ := strings.Cut(s.Name, "/")
	return comparison{needed[base], attacks(s), map[look]int{}, map[look]int{}, map[packet.MAC]*network.Frame{}, newGaps()}
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

// add takes in a frame that a tap has stamped.
func (c *comparison) add(f *network.Frame, ns int64) {
	if len(c.hostile) == 0 {
		return
	}
	c.gaps.add(f, ns, c.hostile[f.Episode])
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
			if !slices.Contains(c.needs, traits[i].name) && len(honest) > 0 && !honest[v] {
				t.Errorf("the %s of %d hostile %v messages is %#x, of honest ones %#x", traits[i].name, times, l.message, v, slices.Sorted(maps.Keys(honest)))
			}
		}
	}
	c.gaps.check(t)
	for mac, f := range c.firsts {
		if f.Transport == packet.UDPv4 && f.IPID < 16 || f.Message.SequenceID < 4 {
			t.Errorf("%v is first seen with IP identification %d and sequenceId %d", mac, f.IPID, f.Message.SequenceID)
		}
	}
}

// gaps are how long after honest frames hostile ones are seen: after the last
// one of each sender and type, and after the one that they imitate. An attacker
// whose reaction always takes the same time is no program on a computer.
type gaps struct {
	last  map[gapFrom]int64
	alike map[imitated]int64
	seen  map[gap]map[int64]int // by length, rounded
}

type gapFrom struct {
	source  packet.MAC
	message ptp.MessageType
}

type imitated struct {
	port     ptp.PortIdentity
	message  ptp.MessageType
	sequence uint16
}

type gap struct {
	after gapFrom // zero for the one that it imitates
	of    ptp.MessageType
}

func newGaps() gaps {
	return gaps{map[gapFrom]int64{}, map[imitated]int64{}, map[gap]map[int64]int{}}
}

func (g *gaps) add(f *network.Frame, ns int64, hostile bool) {
	m := &f.Message
	original := imitated{m.SourcePortIdentity, m.Type, m.SequenceID}
	if !hostile {
		g.last[gapFrom{f.Source, m.Type}], g.alike[original] = ns, ns
		return
	}
	for from, at := range g.last {
		g.note(gap{from, m.Type}, ns-at)
	}
	if at, ok := g.alike[original]; ok {
		g.note(gap{gapFrom{}, m.Type}, ns-at)
	}
}

func (g *gaps) note(k gap, length int64) {
	const round = 32 // ns: twice the usual resolution, both ways
	if g.seen[k] == nil {
		g.seen[k] = map[int64]int{}
	}
	g.seen[k][length/round]++
}

func (g *gaps) check(t *testing.T) {
	t.Helper()
	for k, lengths := range g.seen {
		total, most, at := 0, 0, int64(0)
		for length, times := range lengths {
			total += times
			if times > most {
				most, at = times, length*32
			}
		}
		if total >= 20 && most > total/2 {
			t.Errorf("%d of %d hostile %v messages come %d ns after the %v from %v", most, total, k.of, at, k.after.message, k.after.source)
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
