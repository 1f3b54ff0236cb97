//go:build linux

package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func onHub(n *Network, last time.Duration) Plan {
	return Plan{Namespace: n.Namespace("attacker"), Interface: "eth0", After: time.Second, For: last}
}

func check(t *testing.T, truth *Truth, attack string, alerts ...string) {
	t.Helper()
	if diff := cmp.Diff(alerts, truth.Alerts); diff != "" || truth.Attack != attack || truth.Network != "eth0" {
		t.Errorf("truth: %s on %s, alerts (-want +got):\n%s", truth.Attack, truth.Network, diff)
	}
}

// portOf is the first port of a clock, as it is printed.
func portOf(id ptp.ClockIdentity) string {
	return ptp.PortIdentity{ClockIdentity: id, PortNumber: 1}.String()
}

// during asks until the attack is over whether a client is as it should not be.
func during(done <-chan struct{}, ask func() bool) <-chan bool {
	fooled := make(chan bool, 1)
	go func() {
		for {
			select {
			case <-done:
				fooled <- false
				return
			default:
				if ask() {
					fooled <- true
					return
				}
			}
		}
	}()
	return fooled
}

func TestRogueGrandmasters(t *testing.T) {
	n, gm, client := hub(t)
	quality := ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D}
	for name, attack := range map[string]Attack{
		"ptp4l": &RogueClock{Priority1: 1, Options: quick},
		"sender": &RogueSender{
			Transport: packet.UDPv4, Announce: ptp.Announce{GrandmasterPriority1: 2, GrandmasterClockQuality: quality},
			LogAnnounce: -2, LogSync: -4, Shift: time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			eventually(t, "the client follows the true one", func() bool { return follows(client, identity(t, gm)) }, client.Log)
			var offset measured
			var fooled <-chan bool
			stop := make(chan struct{})
			port := "025054.fffe.000103-1"
			rogue, err := ptp.ParsePortIdentity(port)
			do(t, err)
			fooled = during(stop, func() bool { return follows(client, rogue.ClockIdentity) })
			last := later(client, 6500*time.Millisecond)
			truth, all := carryOut(t, onHub(n, 6*time.Second), attack)
			close(stop)
			if offset = <-last; !<-fooled {
				t.Errorf("the client did not follow %s:\n%s", port, client.Log())
			}
			if s, ok := attack.(*RogueSender); ok && (offset.offset+s.Shift).Abs() > 10*time.Millisecond {
				t.Errorf("the client is %v from a rogue that is ahead by %v", offset.offset, s.Shift)
			}
			check(t, truth, "rogue-grandmaster", "PTPRogueGrandmaster")
			var announces []packet.Observation
			for _, o := range sent(all) {
				if o.Message.SourcePortIdentity != rogue {
					t.Fatalf("%v from %v", o.Message.Type, o.Message.SourcePortIdentity)
				}
				if o.Message.Type == ptp.AnnounceMessage {
					announces = append(announces, o)
				}
			}
			if len(announces) < 10 || truth.Attacker != port {
				t.Fatalf("%d Announces, attacker %s", len(announces), truth.Attacker)
			}
			checkFirst(t, truth, &announces[0])
		})
	}
}

func follows(c *Clock, id ptp.ClockIdentity) bool {
	answer, err := c.Ask("GET PARENT_DATA_SET")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(answer, "grandmasterIdentity")
	words := strings.Fields(rest)
	return len(words) > 0 && words[0] == id.String()
}
