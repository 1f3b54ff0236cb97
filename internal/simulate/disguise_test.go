package simulate

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// traits are what a frame looks like beside what its message is about, by what
// they are called.
func traits(f *network.Frame) map[string]string {
	m := &f.Message
	all := map[string]string{
		"vendor":    fmt.Sprint(slices.Contains(vendors[:], [3]byte(f.Source[:3]))),
		"tag":       fmt.Sprint(f.VLAN, f.PCP),
		"transport": fmt.Sprint(f.Transport, f.DSCP),
		"ttl":       fmt.Sprint(f.TTL),
	}
	if f.Raw != nil {
		return all
	}
	all["version"] = fmt.Sprint(m.VersionPTP, m.MinorVersionPTP)
	all["domain"] = fmt.Sprint(m.DomainNumber, m.SdoID)
	all["control"] = fmt.Sprint(m.ControlField)
	all["interval"] = fmt.Sprint(m.LogMessageInterval)
	all["flags"] = fmt.Sprint(m.Flags &^ timeFlags)
	var tlvs []string
	for t := range ptp.AllTLVs(m.TLVs) {
		tlvs = append(tlvs, t.String())
	}
	all["tlvs"] = fmt.Sprint(tlvs)
	if ns, ok := ptp.Nanoseconds(m.Timestamp); ok {
		all["stamp"] = fmt.Sprint(ns == 0, ns%8)
	}
	all["correction"] = fmt.Sprint(m.CorrectionField % 65536)
	return all
}

const timeFlags = ptp.FlagLeap61 | ptp.FlagLeap59 | ptp.FlagCurrentUTCOffsetValid | ptp.FlagPTPTimescale |
	ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagSynchronizationUncertain

// needed are the traits that attacks cannot do without.
var needed = map[string]string{
	"announce-interval-inflation": "interval",
	"authentication-downgrade":    "tlvs",
	"delay-interval-poison":       "interval",
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
type looks map[kin]map[string]int

func (l looks) add(f *network.Frame) {
	for trait, v := range traits(f) {
		k := kin{f.Message.Type, f.Multicast(), trait}
		if l[k] == nil {
			l[k] = map[string]int{}
		}
		l[k][v]++
	}
}

// Frames that are part of an attack look like honest ones of their kind in all
// that the attack can do without; and no sender begins to count when it
// attacks.
func TestNothingGivesAttacksAway(t *testing.T) {
	t.Parallel()
	for _, s := range firsts() {
		hostile := attacks(s)
		if len(hostile) == 0 {
			continue
		}
		honest, theirs := looks{}, looks{}
		counters := map[packet.MAC]*network.Frame{}
		m, err := s.open(1, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		m.writer.seen = func(f *network.Frame) {
			if counters[f.Source] == nil {
				counters[f.Source] = f.Copy()
			}
			if hostile[f.Episode] {
				theirs.add(f)
			} else {
				honest.add(f)
			}
		}
		if _, err := m.play(t.Context(), s, nil); err != nil {
			t.Fatal(err)
		}
		base, _, _ := strings.Cut(s.Name, "/")
		compare(t, s.Name, needed[base], honest, theirs)
		for mac, f := range counters {
			if f.Transport == packet.UDPv4 && f.IPID < 16 || f.Message.SequenceID < 8 {
				t.Errorf("%s: %v is first seen with IP identification %d and sequenceId %d", s.Name, mac, f.IPID, f.Message.SequenceID)
			}
		}
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

func compare(t *testing.T, name, needs string, honest, theirs looks) {
	t.Helper()
	for k, values := range theirs {
		if k.trait == needs || len(honest[k]) == 0 {
			continue
		}
		for v, times := range values {
			if honest[k][v] == 0 {
				t.Errorf("%s: %s of %d hostile %v messages is %q, of honest ones %q", name, k.trait, times, k.message, v, slices.Sorted(maps.Keys(honest[k])))
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
