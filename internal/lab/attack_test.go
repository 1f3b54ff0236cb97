//go:build linux

package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

func onHub(n *Network, last time.Duration) Plan {
	return Plan{Namespace: n.Namespace("attacker"), Interface: "eth0", After: time.Second, For: last}
}

func check(t *testing.T, e *truth.Episode, attack string, alerts ...string) {
	t.Helper()
	if diff := cmp.Diff(alerts, e.Alerts); diff != "" || e.Type != attack || e.Network != "eth0" {
		t.Errorf("truth: %s on %s, alerts (-want +got):\n%s", e.Type, e.Network, diff)
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
			e, all := carryOut(t, onHub(n, 6*time.Second), attack)
			close(stop)
			if offset = <-last; !<-fooled {
				t.Errorf("the client did not follow %s:\n%s", port, client.Log())
			}
			if s, ok := attack.(*RogueSender); ok && (offset.offset+s.Shift).Abs() > 10*time.Millisecond {
				t.Errorf("the client is %v from a rogue that is ahead by %v", offset.offset, s.Shift)
			}
			check(t, e, "rogue-grandmaster", "PTPRogueGrandmaster")
			var announces []packet.Observation
			for _, o := range sent(all) {
				if o.Message.SourcePortIdentity != rogue {
					t.Fatalf("%v from %v", o.Message.Type, o.Message.SourcePortIdentity)
				}
				if o.Message.Type == ptp.AnnounceMessage {
					announces = append(announces, o)
				}
			}
			if len(announces) < 10 || e.Attacker != rogue.ClockIdentity.String() {
				t.Fatalf("%d Announces, attacker %s", len(announces), e.Attacker)
			}
			checkFirst(t, e, &announces[0])
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

// parent is a number of the client's PARENT_DATA_SET.
func parent(c *Clock, name string) string {
	answer, _ := c.Ask("GET PARENT_DATA_SET")
	_, rest, _ := strings.Cut(answer, name)
	words := strings.Fields(rest)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// An attack in a grandmaster's name: what it sends, and how a client shows that
// it was taken in.
func TestForgeries(t *testing.T) {
	n, gm, client := hub(t)
	true1 := portOf(identity(t, gm))
	const shift, age = 300 * time.Millisecond, 700 * time.Millisecond
	near := func(got, want time.Duration) bool { return (got - want).Abs() < 20*time.Millisecond }
	for _, c := range []struct {
		name   string
		attack Attack
		alerts []string
		fooled func() bool
		check  func(t *testing.T, before []packet.Observation, forged *packet.Observation)
	}{
		{
			name:   "forged-announce",
			attack: &ForgeAnnounce{Priority1: new(uint8(17)), CurrentUTCOffset: new(int16(99))},
			alerts: []string{"PTPClockIdentityClone", "PTPGrandmasterDatasetChanged"},
			fooled: func() bool { return parent(client, "grandmasterPriority1") == "17" },
			check: func(t *testing.T, before []packet.Observation, forged *packet.Observation) {
				heard := latest(t, before, func(o *packet.Observation) bool { return o.Message.Type == ptp.AnnounceMessage })
				want := heard.Message
				want.SequenceID++
				want.Announce.GrandmasterPriority1, want.Announce.CurrentUTCOffset = 17, 99
				if diff := cmp.Diff(want, forged.Message); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			},
		},
		{
			name:   "sync-replay",
			attack: &Replay{Age: age, Station: Station{Spoof: true}},
			alerts: []string{"PTPReplay", "PTPSyncInjection", "PTPClockIdentityClone"},
			fooled: func() bool { return near(current(client).offset, age) },
			check: func(t *testing.T, before []packet.Observation, forged *packet.Observation) {
				heard := latest(t, before, func(o *packet.Observation) bool { return keyOf(o) == keyOf(forged) })
				if diff := cmp.Diff(heard.Message, forged.Message); diff != "" || !near(forged.At.Sub(heard.At), age) {
					t.Errorf("%v after it was sent (-sent +replayed):\n%s", forged.At.Sub(heard.At), diff)
				}
				if forged.SourceMAC != heard.SourceMAC || forged.Source != heard.Source {
					t.Errorf("from %v %v, want %v %v", forged.SourceMAC, forged.Source, heard.SourceMAC, heard.Source)
				}
			},
		},
		{
			name:   "forged-follow-up",
			attack: &ForgeFollowUp{Shift: shift},
			alerts: []string{"PTPSyncInjection", "PTPClockIdentityClone"},
			fooled: func() bool { return near(current(client).offset, -shift) },
			check: func(t *testing.T, before []packet.Observation, forged *packet.Observation) {
				heard := latest(t, before, func(o *packet.Observation) bool { return o.Message.Type == ptp.FollowUp })
				was, _ := ptp.Nanoseconds(heard.Message.Timestamp)
				is, _ := ptp.Nanoseconds(forged.Message.Timestamp)
				if got := time.Duration(is - was); got != shift+time.Second/16 || forged.Message.SequenceID != heard.Message.SequenceID+1 {
					t.Errorf("Follow_Up %d after %d, %v later", forged.Message.SequenceID, heard.Message.SequenceID, got)
				}
				if forged.SourceMAC == heard.SourceMAC {
					t.Errorf("it came from %v though nobody asked for that", forged.SourceMAC)
				}
			},
		},
		{
			name: "forged-delay-resp",
			// Last: it silences the client.
			attack: &ForgeDelayResp{Shift: shift, LogInterval: 9},
			alerts: []string{"PTPDelayRespAnomaly", "PTPClockIdentityClone", "PTPDelayIntervalPoisoning"},
			fooled: func() bool { return strings.Contains(client.Log(), "2^9") },
			check: func(t *testing.T, before []packet.Observation, forged *packet.Observation) {
				request := latest(t, before, func(o *packet.Observation) bool { return o.Message.Type == ptp.DelayReq })
				ns, _ := ptp.Nanoseconds(forged.Message.Timestamp)
				if got := time.Duration(ns - request.At.UnixNano()); !near(got, shift) {
					t.Errorf("receiveTimestamp %v after the request", got)
				}
				if forged.Message.LogMessageInterval != 9 || forged.Message.PortIdentity != request.Message.SourcePortIdentity || forged.Message.SequenceID != request.Message.SequenceID {
					t.Errorf("%+v answers %+v", forged.Message, request.Message)
				}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			stop := make(chan struct{})
			fooled := during(stop, c.fooled)
			e, all := carryOut(t, onHub(n, 3*time.Second), c.attack)
			close(stop)
			if !<-fooled {
				t.Errorf("the client was not taken in:\n%s", client.Log())
			}
			check(t, e, c.name, c.alerts...)
			forged := sent(all)
			if len(forged) == 0 || e.Attacker != identity(t, gm).String() {
				t.Fatalf("%d frames sent, attacker %s, want %s", len(forged), e.Attacker, identity(t, gm))
			}
			checkFirst(t, e, &forged[0])
			for i := range all {
				if o := &all[i]; o.Egress {
					if got := o.Message.SourcePortIdentity.String(); got != true1 || o.Message.Fault != "" {
						t.Fatalf("%v of %s, fault %q", o.Message.Type, got, o.Message.Fault)
					}
				}
			}
			c.check(t, all[:e.FirstFrame-1], &forged[0])
		})
	}
}

// latest is the last message heard that fits.
func latest(t *testing.T, all []packet.Observation, fits func(*packet.Observation) bool) *packet.Observation {
	t.Helper()
	for i := len(all) - 1; i >= 0; i-- {
		if !all[i].Egress && fits(&all[i]) {
			return &all[i]
		}
	}
	t.Fatal("nothing of the kind was heard before")
	return nil
}

func TestManagementSet(t *testing.T) {
	n, gm, _ := hub(t)
	e, all := carryOut(t, onHub(n, 2500*time.Millisecond), &Manage{Transport: packet.UDPv4, ID: Priority1, Value: 3})
	check(t, e, "management-set", "PTPManagementWrite")
	sets := sent(all)
	if len(sets) != 3 || e.Attacker != "025054.fffe.000103" {
		t.Fatalf("%d SETs by %s", len(sets), e.Attacker)
	}
	checkFirst(t, e, &sets[0])
	for _, o := range sets {
		tlv := management(t, &o)
		if d, ok := tlv.Data.(*ptp.Datum[uint8]); o.Message.Management.Action != ptp.ActionSet || tlv.ManagementID != Priority1 || !ok || d.Value != 3 {
			t.Errorf("%v %+v", o.Message.Management.Action, tlv)
		}
	}
	// A real ptp4l understands it, and refuses what comes over the network.
	refused := false
	for _, o := range all {
		for typ, value := range ptp.AllTLVs(o.Message.TLVs) {
			tlv, _ := ptp.ParseTLV(typ, value)
			if s, ok := tlv.(*ptp.ManagementErrorStatus); ok && o.Message.SourcePortIdentity.ClockIdentity == identity(t, gm) && s.ManagementID == Priority1 {
				refused = true
			}
		}
	}
	if got := parent(gm, "grandmasterPriority1"); !refused || got != "100" {
		t.Errorf("refused %v; the grandmaster's priority1 is %s", refused, got)
	}
}

func management(t *testing.T, o *packet.Observation) *ptp.ManagementTLV {
	t.Helper()
	for typ, value := range ptp.AllTLVs(o.Message.TLVs) {
		tlv, err := ptp.ParseTLV(typ, value)
		if m, ok := tlv.(*ptp.ManagementTLV); err == nil && ok {
			return m
		}
	}
	t.Fatalf("no management TLV in %+v", o.Message)
	return nil
}

func TestUnicastFloodEndsByItself(t *testing.T) {
	n, _, _ := hub(t, "--unicast_listen", "1")
	attack := &Flood{Rate: 400, Count: 600, Requesters: 20, Duration: 2, LogPeriod: 0}
	e, all := carryOut(t, onHub(n, 10*time.Second), attack)
	check(t, e, "unicast-flood", "PTPUnicastNegotiationAbuse", "PTPFlood")
	requests := sent(all)
	if len(requests) != 600 {
		t.Fatalf("%d requests, want 600", len(requests))
	}
	checkFirst(t, e, &requests[0])
	if took := e.End.Sub(e.Start); took < 1400*time.Millisecond || took > 5*time.Second {
		t.Errorf("600 requests at 400 a second took %v", took)
	}
	from, granted := map[ptp.PortIdentity]bool{}, 0
	for _, o := range all {
		for typ, value := range ptp.AllTLVs(o.Message.TLVs) {
			switch tlv, _ := ptp.ParseTLV(typ, value); tlv := tlv.(type) {
			case *ptp.RequestUnicastTransmission:
				from[o.Message.SourcePortIdentity] = true
				if tlv.DurationField != 2 || !o.Egress || o.Destination.Addr().IsMulticast() {
					t.Fatalf("%+v to %v", tlv, o.Destination)
				}
			case *ptp.GrantUnicastTransmission:
				granted++
			}
		}
	}
	if len(from) != 20 || granted < 100 {
		t.Errorf("%d requesters, %d grants by ptp4l", len(from), granted)
	}
}
