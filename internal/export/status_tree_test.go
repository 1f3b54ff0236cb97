package export

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clockPort is a port of a tree under test: "bc-2".
func clockPort(id, role, announces, answeredBy string) PortReport {
	return PortReport{
		Port: id, Role: role, Grandmaster: known(announces), AnsweredBy: known(answeredBy),
		MAC: new("00:00:00:00:00:01"), LastSeen: Time{start},
	}
}

// outline writes a forest as indented lines.
func outline(f forest) string {
	var b strings.Builder
	var write func(list []*node, indent string)
	write = func(list []*node, indent string) {
		for _, n := range list {
			fmt.Fprintf(&b, "%s%s (%s)%s%s%s\n", indent, n.Clock, n.Role, mark(n.Best, " best"), mark(n.Suspect, " SUSPECT"), mark(n.Note != "", " "+n.Note))
			write(n.Children, indent+"  ")
			if n.More > 0 {
				fmt.Fprintf(&b, "%s  %d more\n", indent, n.More)
			}
		}
	}
	write(f.Roots, "")
	if len(f.Unplaced) > 0 {
		b.WriteString("unplaced\n")
		write(f.Unplaced, "  ")
	}
	return b.String()
}

func TestForest(t *testing.T) {
	gm := GrandmasterReport{Identity: "gm", Best: true, Acceptable: new(true), LastSeen: Time{start}, Relays: []RelayReport{
		{Port: "gm-1"}, {Port: "bc-2", StepsRemoved: 1}, {Port: "bc2-2", StepsRemoved: 2},
	}}
	rogue := GrandmasterReport{Identity: "rogue", Best: true, Acceptable: new(false), LastSeen: Time{start}}
	standby := gm
	standby.Best = false
	for _, tt := range []struct {
		name  string
		gms   []GrandmasterReport
		ports []PortReport
		want  string
	}{
		{"two boundary clocks in a row", []GrandmasterReport{gm}, []PortReport{
			clockPort("client-1", "time_receiver", "", "bc2-2"),
			clockPort("bc2-1", "time_receiver", "", "bc-2"), clockPort("bc2-2", "time_transmitter", "gm", ""),
			clockPort("bc-1", "time_receiver", "", "gm-1"), clockPort("bc-2", "time_transmitter", "gm", ""),
			clockPort("gm-1", "time_transmitter", "gm", ""),
		}, `
gm (grandmaster) best
  bc (boundary clock, 1 step from its grandmaster)
    bc2 (boundary clock, 2 steps from its grandmaster)
      client (client)
`},
		{"a boundary clock whose upstream is not heard", []GrandmasterReport{gm}, []PortReport{
			clockPort("bc-2", "time_transmitter", "gm", ""), clockPort("client-1", "time_receiver", "", "bc-2"),
		}, `
gm (grandmaster) best heard through others only
  bc (boundary clock, 1 step from its grandmaster)
    client (client)
`},
		{"a takeover", []GrandmasterReport{standby, rogue}, []PortReport{
			clockPort("gm-1", "time_transmitter", "gm", "rogue-1"), clockPort("rogue-1", "time_transmitter", "rogue", ""),
			clockPort("client-1", "time_receiver", "", "rogue-1"),
		}, `
rogue (grandmaster) best SUSPECT
  client (client)
gm (grandmaster) asks rogue for time
`},
		{"clients that nobody answers", []GrandmasterReport{gm}, []PortReport{
			clockPort("gm-1", "time_transmitter", "gm", ""), clockPort("client-1", "time_receiver", "", ""),
			clockPort("link-1", "peer", "", ""), clockPort("lost-1", "time_receiver", "", "unheard-1"),
		}, `
gm (grandmaster) best
unplaced
  client (client)
  link (measures its link)
  lost (client)
`},
		{"answers in a circle are not believed", []GrandmasterReport{gm}, []PortReport{
			clockPort("bc-1", "time_receiver", "", "bc2-2"), clockPort("bc-2", "time_transmitter", "gm", ""),
			clockPort("bc2-1", "time_receiver", "", "bc-2"), clockPort("bc2-2", "time_transmitter", "gm", ""),
			clockPort("self-1", "time_receiver", "", "self-2"),
		}, `
gm (grandmaster) best heard through others only
  bc (boundary clock, 1 step from its grandmaster)
  bc2 (boundary clock, 2 steps from its grandmaster)
unplaced
  self (client)
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := "\n" + outline(newForest(&DomainReport{Grandmasters: tt.gms, Ports: tt.ports}, start))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// However many clients, in whatever chain: a tree is bounded, and what it leaves
// out is counted.
func TestForestIsBounded(t *testing.T) {
	d := &DomainReport{Grandmasters: []GrandmasterReport{{Identity: "gm", LastSeen: Time{start}}}}
	for i := range 500 {
		d.Ports = append(d.Ports, clockPort(fmt.Sprintf("client%d-1", i), "time_receiver", "", "gm-1"),
			clockPort(fmt.Sprintf("chain%d-1", i), "time_receiver", "", fmt.Sprintf("chain%d-1", i-1)))
	}
	d.Ports = append(d.Ports, clockPort("chain-1-1", "time_receiver", "", "gm-1"))
	text := outline(newForest(d, start))
	deepest := 0
	for line := range strings.Lines(text) {
		deepest = max(deepest, (len(line)-len(strings.TrimLeft(line, " ")))/2)
	}
	if !strings.Contains(text, "\n  437 more\n") {
		t.Errorf("what is left out is not counted:\n%s", text)
	}
	if deepest > maxDepth+1 || strings.Count(text, "\n") > 3*maxChildren+maxDepth {
		t.Errorf("%d deep, %d lines", deepest, strings.Count(text, "\n"))
	}
}

func TestForestTellsSilence(t *testing.T) {
	d := &DomainReport{Grandmasters: []GrandmasterReport{{Identity: "gm", LastSeen: Time{start}}}, Ports: []PortReport{clockPort("gm-1", "time_transmitter", "gm", "")}}
	if note := newForest(d, start.Add(silentAfter-1)).Roots[0].Note; note != "" {
		t.Errorf("note %q", note)
	}
	if note := newForest(d, start.Add(time.Minute)).Roots[0].Note; note != "silent for 60 s" {
		t.Errorf("note %q", note)
	}
}
