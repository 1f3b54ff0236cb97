package capture

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

func vlans(ids ...uint16) packet.VLANs {
	v := packet.VLANs{Count: uint8(len(ids))}
	copy(v.IDs[:], ids)
	return v
}

func TestNaming(t *testing.T) {
	n := newNamer(Naming{
		Taps: map[string]string{"eth2": "link7", "eth3": "link7"},
		Networks: []NamedNetwork{
			{Name: "voice", VLANs: []uint16{10, 11}},
			{Name: "plant", Interfaces: []string{"eth2", "eth3"}},
			{Name: "untagged", Interfaces: []string{"eth4"}, VLANs: []uint16{0}},
			{Name: "any-nic", Interfaces: []string{"any#5"}},
		},
	})
	for _, c := range []struct {
		iface string
		index uint32
		vlans packet.VLANs
		want  place
	}{
		{"eth0", 0, vlans(), place{"eth0", "eth0", "eth0"}},
		{"eth0", 0, vlans(0), place{"eth0", "eth0", "eth0"}},
		{"eth0", 0, vlans(100), place{"eth0", "eth0", "eth0.100"}},
		{"eth0", 0, vlans(100, 200), place{"eth0", "eth0", "eth0.100.200"}},
		{"eth0", 0, vlans(100, 0), place{"eth0", "eth0", "eth0.100"}},
		{"eth0", 0, vlans(0, 100), place{"eth0", "eth0", "eth0.100"}},
		{"eth0", 0, vlans(0, 0), place{"eth0", "eth0", "eth0"}},
		{"eth0", 0, vlans(100, 200, 300), place{"eth0", "eth0", "eth0.100.200+"}},
		{"eth0", 0, vlans(10), place{"eth0", "eth0", "voice"}},
		{"eth1", 0, vlans(11), place{"eth1", "eth1", "voice"}},
		{"eth1", 0, vlans(10, 11), place{"eth1", "eth1", "eth1.10.11"}},
		{"eth2", 0, vlans(), place{"eth2", "link7", "plant"}},
		{"eth3", 0, vlans(), place{"eth3", "link7", "plant"}},
		{"eth3", 0, vlans(100), place{"eth3", "link7", "plant.100"}},
		{"eth4", 0, vlans(), place{"eth4", "eth4", "untagged"}},
		{"eth4", 0, vlans(100), place{"eth4", "eth4", "eth4.100"}},
		{"any", 2, vlans(), place{"any#2", "any#2", "any#2"}},
		{"any", 5, vlans(7), place{"any#5", "any#5", "any-nic.7"}},
	} {
		for range 2 { // the second time from memory
			if got := *n.place(c.iface, c.index, c.vlans); got != c.want {
				t.Errorf("%s %d %v: got %+v, want %+v", c.iface, c.index, c.vlans, got, c.want)
			}
		}
	}
}

// TestNamingFlood: who invents VLANs gains no memory and pushes nobody out.
func TestNamingFlood(t *testing.T) {
	n := newNamer(Naming{Networks: []NamedNetwork{{Name: "voice", VLANs: []uint16{10}}}})
	first := *n.place("eth0", 0, vlans(100))
	for outer := range uint16(100) {
		for inner := range uint16(100) {
			n.place("eth0", 0, vlans(1000+outer, 1000+inner))
		}
	}
	if len(n.places) != maxPlaces {
		t.Errorf("%d places are remembered, want %d", len(n.places), maxPlaces)
	}
	for _, c := range []struct {
		iface string
		index uint32
		vlans packet.VLANs
		want  place
	}{
		{"eth0", 0, vlans(100), first},
		{"eth0", 0, vlans(1099, 1099), place{"eth0", "eth0", "other"}},
		{"eth0", 0, vlans(10), place{"eth0", "eth0", "voice"}},
		{"eth1", 0, vlans(), place{"eth1", "eth1", "eth1"}},
		{"any", 3, vlans(), place{"any", "any", "other"}},
	} {
		if got := *n.place(c.iface, c.index, c.vlans); got != c.want {
			t.Errorf("%s %d %v: got %+v, want %+v", c.iface, c.index, c.vlans, got, c.want)
		}
	}
}

func TestNamingAllocates(t *testing.T) {
	n := newNamer(Naming{})
	i := uint16(0)
	visit := func() {
		i = (i + 1) % 10
		n.place("eth0", 0, vlans(100+i))
	}
	for range 20 {
		visit()
	}
	if allocs := testing.AllocsPerRun(100, visit); allocs != 0 {
		t.Errorf("%v allocations a frame, want none", allocs)
	}
}
