package node

import (
	"fmt"
	"math"
	"net/netip"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// bench is a network to try nodes in.
type bench struct {
	*network.Network
	t     *testing.T
	count int
}

const epoch = 1_772_000_037_000_000_000

func newBench(t *testing.T) *bench { return &bench{Network: network.New(1), t: t} }

func (b *bench) class(name string) oscillator.Class {
	b.t.Helper()
	c, ok := oscillator.Named(name)
	if !ok {
		b.t.Fatalf("no class %q", name)
	}
	return c
}

// instance makes an instance with a number of ports.
func (b *bench) instance(name, profile, class string, ports int, change func(*Settings)) *Instance {
	b.t.Helper()
	p, ok := ProfileNamed(profile)
	if !ok {
		b.t.Fatalf("no profile %q", profile)
	}
	b.count++
	s := Settings{
		Name: name, Identity: ptp.ClockIdentity(0x001d7ffffe800000 + b.count), Profile: p, Attributes: p.Other,
		Time:    TimeProperties{UTCOffset: 37, Flags: ptp.FlagPTPTimescale, Source: ptp.TimeSourceInternalOscillator},
		Latency: 30 * event.Microsecond, Jitter: 0.001, Grants: 100,
		Servo: ServoSettings{TimeConstant: p.TimeConstant, StepAbove: 1e6},
	}
	if change != nil {
		change(&s)
	}
	clock := oscillator.NewClock(oscillator.New(b.class(class), 1, name), epoch)
	i := New(b.Network, clock, s)
	for n := range ports {
		port := i.AddPort(b.ip(n, p.Transport), oscillator.NewStamper(clock, 0, 0, 1, fmt.Sprint(name, n)))
		port.MAC = b.mac(n)
	}
	return i
}

func (b *bench) mac(n int) packet.MAC { return packet.MAC{0x00, 0x1d, 0x7f, byte(n), 0, byte(b.count)} }

func (b *bench) ip(n int, t packet.Transport) netip.Addr {
	if t == packet.UDPv6 {
		return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 14: byte(n), 15: byte(b.count)})
	}
	return netip.AddrFrom4([4]byte{10, 0, byte(n), byte(b.count)})
}

func grandmaster(s *Settings) {
	s.Attributes = s.Profile.Grandmaster
	s.Time.Flags |= ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagCurrentUTCOffsetValid
	s.Time.Source = ptp.TimeSourceGNSS
}

func slaveOnly(s *Settings) { s.SlaveOnly = true }

// A client's clock is off by half the asymmetry and by nothing else.
func TestClientFollows(t *testing.T) {
	const there, back = 900 * event.Nanosecond, 500 * event.Nanosecond
	for _, profile := range []string{"default", "g8275.1", "gptp", "power", "enterprise", "st2059-2", "g8275.2", "g8265.1", "sptp"} {
		t.Run(profile, func(t *testing.T) {
			b := newBench(t)
			gm := b.instance("gm", profile, "perfect", 1, grandmaster)
			client := b.instance("client", profile, "ocxo", 1, slaveOnly)
			client.Clock().Step(0, 5e15) // 5000 s off
			if profile == "gptp" {
				gm.SlaveOnly = false
			}
			b.Join("link", gm.Ports[0].Wire(), client.Ports[0].Wire()).SetDelay(there, back)
			client.Follow(client.Ports[0].Wire(), Address{gm.Ports[0].Wire().MAC, gm.Ports[0].ip}, 128)
			gm.Start()
			client.Start()
			b.Run(400 * event.Second)
			if got := client.Grandmaster(); got != gm.Identity {
				t.Fatalf("client follows %v", got)
			}
			want := -float64(there-back) / 2 / 1000 // the client is late by it
			worst := 0.0
			for range 60 {
				b.Run(b.Now() + event.Second)
				worst = max(worst, math.Abs(client.Clock().Error(b.Now())/1000-want))
			}
			if worst > 2 {
				t.Errorf("off by up to %.3f ns from %.1f", worst, want)
			}
		})
	}
}
