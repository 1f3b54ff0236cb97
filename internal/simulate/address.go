package simulate

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// book gives things their addresses. They follow from the seed, the scenario
// and the thing's name: no address is an attacker's in every capture, and which
// of two identities is the lower one is chance.
type book struct {
	edition string
	macs    map[packet.MAC]bool
	ips     map[netip.Addr]bool
}

func newBook(seed uint64, scenario string) *book {
	return &book{fmt.Sprintf("%d %s ", seed, scenario), map[packet.MAC]bool{}, map[netip.Addr]bool{}}
}

// vendors are organisations that make clocks, switches and network cards; who
// has which tells nothing of what he is up to.
var vendors = [...][3]byte{
	{0x00, 0x80, 0x63}, {0x00, 0xB0, 0xAE}, {0xEC, 0x46, 0x70}, {0x00, 0x1B, 0x21}, {0xB8, 0xCE, 0xF6},
	{0x0C, 0x42, 0xA1}, {0x00, 0x0C, 0xEC}, {0x3C, 0xFD, 0xFE},
}

func hash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // cannot fail
	v := h.Sum64()
	v ^= v >> 29 // names that differ at their end only
	return v * 0xbf58476d1ce4e5b9
}

// mac is the MAC address of a name.
func (b *book) mac(name string) packet.MAC {
	for v := hash(b.edition + name); ; v++ {
		oui := vendors[v>>40%uint64(len(vendors))]
		m := packet.MAC{oui[0], oui[1], oui[2], byte(v >> 32), byte(v >> 24), byte(v >> 16)}
		if !b.macs[m] {
			b.macs[m] = true
			return m
		}
		v += 1 << 16
	}
}

// ip is the IP address of a name.
func (b *book) ip(name string, t packet.Transport) netip.Addr {
	for v := hash(b.edition + "ip " + name); ; v += 1 << 32 {
		var a netip.Addr
		if t == packet.UDPv6 {
			six := [16]byte{0x20, 0x01, 0x0D, 0xB8, 0, 0x14}
			binary.BigEndian.PutUint32(six[12:], uint32(v>>32))
			a = netip.AddrFrom16(six)
		} else {
			a = netip.AddrFrom4([4]byte{10, 16 + byte(v>>48%16), byte(v >> 40), 1 + byte(v>>32%250)})
		}
		if !b.ips[a] {
			b.ips[a] = true
			return a
		}
	}
}

// eui64 is the clock identity that IEEE 1588-2008 7.5.2.2 made of a MAC address.
func eui64(m packet.MAC) ptp.ClockIdentity {
	return ptp.ClockIdentity(binary.BigEndian.Uint64([]byte{m[0], m[1], m[2], 0xFF, 0xFE, m[3], m[4], m[5]}))
}
