package capture

import (
	"encoding/binary"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ngFile builds a pcapng file block by block, sound or not.
type ngFile struct {
	order byteOrder
	b     []byte
}

func (f *ngFile) block(typ uint32, body ...[]byte) *ngFile {
	content := slices.Concat(body...)
	for len(content)%4 != 0 {
		content = append(content, 0)
	}
	length := uint32(len(content) + blockOverhead)
	f.b = f.order.AppendUint32(f.order.AppendUint32(f.b, typ), length)
	f.b = f.order.AppendUint32(append(f.b, content...), length)
	return f
}

func (f *ngFile) u32(v uint32) []byte { return f.order.AppendUint32(nil, v) }

func (f *ngFile) u16(v int) []byte { return f.order.AppendUint16(nil, uint16(v)) }

func (f *ngFile) section() *ngFile {
	return f.block(blockSection, f.u32(byteOrderMagic), f.u16(1), f.u16(0), f.u32(0xFFFFFFFF), f.u32(0xFFFFFFFF))
}

func (f *ngFile) option(code int, value []byte) []byte {
	b := slices.Concat(f.u16(code), f.u16(len(value)), value)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func (f *ngFile) addInterface(link LinkType, snap uint32, options ...[]byte) *ngFile {
	return f.block(blockInterface, f.u16(int(link)), f.u16(0), f.u32(snap), slices.Concat(options...))
}

func padding(data []byte) []byte { return make([]byte, padded(len(data))-len(data)) }

func (f *ngFile) enhanced(iface uint32, count uint64, data []byte, options ...[]byte) *ngFile {
	return f.block(blockEnhanced, f.u32(iface), f.u32(uint32(count>>32)), f.u32(uint32(count)),
		f.u32(uint32(len(data))), f.u32(uint32(len(data))), data, padding(data), slices.Concat(options...))
}

func newNg(o byteOrder) *ngFile { return (&ngFile{order: o}).section() }

func TestPcapng(t *testing.T) {
	for _, o := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		t.Run(o.String(), func(t *testing.T) { testPcapng(t, o) })
	}
}

func testPcapng(t *testing.T, o byteOrder) {
	data := []byte{1, 2, 3, 4, 5}
	f := newNg(o)
	f.addInterface(LinkEthernet, 0, f.option(optInterfaceName, []byte("eth0")), f.option(optTimeResolution, []byte{9}))
	f.block(4, make([]byte, 40)) // name resolution
	f.addInterface(LinkLinuxSLL, 3, f.option(optTimeResolution, []byte{0x80 | 30}), f.option(optTimeOffset, o.AppendUint64(nil, 1_700_000_000)))
	f.enhanced(0, 1_700_000_000_123_456_789, data, f.option(optComment, []byte("first")), f.option(optFlags, f.u32(1)), f.option(optEnd, nil))
	f.enhanced(1, 3<<29, data, f.option(optFlags, f.u32(0xFF000002)))
	f.block(blockJournal, []byte("__REALTIME_TIMESTAMP=1"))
	f.block(blockCustom, f.u32(32473), []byte("ours"))
	f.block(blockCustomPersonal, f.u32(32473), []byte("ours"))
	f.block(blockSimple, f.u32(1514), data)
	f.block(blockOldPacket, f.u16(1), f.u16(7), f.u32(0), f.u32(5<<28), f.u32(5), f.u32(5), data, padding(data))
	// A second section of the other byte order: what the first described is gone.
	other := byteOrder(binary.LittleEndian)
	if o == byteOrder(binary.LittleEndian) {
		other = binary.BigEndian
	}
	g := newNg(other)
	g.addInterface(LinkIPv6, 0)
	g.enhanced(0, 1_700_000_001_000_000, data[:4])

	eth0 := &Interface{ID: 0, Name: "eth0", Link: LinkEthernet}
	cooked := &Interface{ID: 1, Link: LinkLinuxSLL}
	const second = 1_700_000_000_000_000_000
	want := []Record{
		{Number: 1, Time: second + 123_456_789, Interface: eth0, Data: data, Length: 5, Direction: Inbound, Comment: []byte("first")},
		{Number: 2, Time: second + 1_500_000_000, Interface: cooked, Data: data, Length: 5, Direction: Outbound},
		{Number: 6, Time: second + 1_500_000_000, Untimed: true, Interface: eth0, Data: append(data, 0, 0, 0), Length: 1514},
		{Number: 7, Time: second + 1_250_000_000, Interface: cooked, Data: data, Length: 5},
		{Number: 8, Time: second + 1_000_000_000, Interface: &Interface{Link: LinkIPv6}, Data: data[:4], Length: 4},
	}
	got, err := readAll("x.pcapng", slices.Concat(f.b, g.b))
	if err != io.EOF {
		t.Errorf("got error %v, want EOF", err)
	}
	if diff := cmp.Diff(want, got, plainly); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestPcapngSimple: a simple packet has what the snapshot length leaves of it.
func TestPcapngSimple(t *testing.T) {
	f := newNg(binary.LittleEndian)
	f.addInterface(LinkEthernet, 6)
	f.block(blockSimple, f.u32(1514), []byte{1, 2, 3, 4, 5, 6, 0, 0})
	f.block(blockSimple, f.u32(5), []byte{1, 2, 3, 4, 5, 0, 0, 0})
	got, err := readAll("x.pcapng", f.b)
	if err != io.EOF || len(got) != 2 || len(got[0].Data) != 6 || len(got[1].Data) != 5 {
		t.Errorf("got %v, %v, want 6 and 5 octets", got, err)
	}
}

func TestPcapngDrops(t *testing.T) {
	le := binary.LittleEndian
	f := newNg(le)
	f.addInterface(LinkEthernet, 0)
	f.addInterface(LinkEthernet, 0)
	f.enhanced(0, 1, []byte{1}, f.option(optDropCount, le.AppendUint64(nil, 3)))
	f.block(blockOldPacket, f.u16(0), f.u16(2), make([]byte, 16))
	f.block(blockOldPacket, f.u16(0), f.u16(0xFFFF), make([]byte, 16)) // not known
	f.enhanced(0, 1, []byte{1}, f.option(optDropCount, le.AppendUint64(nil, 1)))
	for _, lost := range []uint64{4, 10} { // totals, of which the later counts
		f.block(blockStatistics, f.u32(0), make([]byte, 8),
			f.option(optInterfaceDrops, le.AppendUint64(nil, lost)), f.option(optSystemDrops, le.AppendUint64(nil, 1)))
	}
	f.block(blockStatistics, f.u32(1), make([]byte, 8), f.option(optInterfaceDrops, le.AppendUint64(nil, 5)))
	r, err := NewReader("x.pcapng", newOneByteReader(f.b))
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for rec := (Record{}); ; {
		err := r.Next(&rec)
		got = append(got, r.Drops())
		if err != nil {
			break
		}
	}
	if want := []uint64{3, 5, 5, 6, 6 + 5 + 5}; !slices.Equal(got, want) {
		t.Errorf("got drops %v, want %v", got, want)
	}
}

func TestPcapngFaults(t *testing.T) {
	ng := func() *ngFile {
		f := newNg(binary.LittleEndian) // 28 octets
		f.addInterface(LinkEthernet, 0) // 20
		return f.enhanced(0, 1, []byte{1, 2, 3, 4})
	}
	with := func(change func(f *ngFile)) []byte {
		f := ng()
		change(f)
		return f.b
	}
	le := binary.LittleEndian
	for _, c := range []struct {
		name string
		file []byte
		good int
		want string
	}{
		{"sound", ng().b, 1, "EOF"},
		{"cut in a block header", append(ng().b, 6, 0, 0, 0), 1, "offset 84: the file ends 4 octets into a block header of 12"},
		{"cut in a packet", with(func(f *ngFile) { f.enhanced(0, 1, []byte{1, 2}); f.b = f.b[:len(f.b)-9] }), 1,
			"offset 84: the file ends 27 octets into a block of 36"},
		{"cut in a block nobody reads", with(func(f *ngFile) { f.block(4, make([]byte, 500_000)); f.b = f.b[:400_000] }), 1,
			"offset 84: the file ends 399916 octets into a block of 500012"},
		{"cut in the section header", ng().b[:20], 0, "offset 0: the file ends 20 octets into a block of 28"},
		{"a block of 8 octets", with(func(f *ngFile) { f.b = append(f.b, 6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0) }), 1,
			"offset 88: a block of 8 octets: accepted are multiples of 4 from 12"},
		{"a block of 37 octets", with(func(f *ngFile) { f.b = append(f.b, 6, 0, 0, 0, 37, 0, 0, 0, 0, 0, 0, 0) }), 1,
			"offset 88: a block of 37 octets: accepted are multiples of 4 from 12"},
		{"lengths differ", with(func(f *ngFile) { f.b[len(f.b)-4] = 40 }), 0, "offset 80: a block of 36 octets that says 40 at its end"},
		{"a packet block of 2 GiB", with(func(f *ngFile) { f.b = append(f.b, 6, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0) }), 1,
			"offset 88: a block of 2147483648 octets: at most 1310720 are accepted of its type"},
		{"a packet of 2 GiB in 152 octets", with(func(f *ngFile) {
			f.block(blockEnhanced, f.u32(0), f.u32(0), f.u32(0), f.u32(1<<31), f.u32(1<<31), make([]byte, 36))
		}), 1, "offset 84: a packet of 2147483648 octets: at most 262144 are accepted"},
		{"a packet larger than its block", with(func(f *ngFile) {
			f.block(blockEnhanced, f.u32(0), f.u32(0), f.u32(0), f.u32(9), f.u32(9), make([]byte, 8))
		}), 1, "offset 84: a packet of 9 octets: its block has 8"},
		{"a packet of an interface not described", with(func(f *ngFile) { f.enhanced(1, 1, nil) }), 1,
			"offset 84: a packet of interface 1: the section describes 1 so far"},
		{"a simple packet before any interface", newNg(le).block(blockSimple, make([]byte, 8)).b, 0,
			"offset 28: a packet of interface 0: the section describes 0 so far"},
		{"an enhanced packet block too short", with(func(f *ngFile) { f.block(blockEnhanced, make([]byte, 16)) }), 1,
			"offset 84: a block of 28 octets: one of its type has at least 32"},
		{"an obsolete packet block too short", with(func(f *ngFile) { f.block(blockOldPacket, make([]byte, 16)) }), 1,
			"offset 84: a block of 28 octets: one of its type has at least 32"},
		{"a simple packet block too short", with(func(f *ngFile) { f.block(blockSimple) }), 1,
			"offset 84: a block of 12 octets: one of its type has at least 16"},
		{"an interface description too short", with(func(f *ngFile) { f.block(blockInterface, make([]byte, 4)) }), 1,
			"offset 88: a block of 16 octets: one of its type has at least 20"},
		{"statistics of an interface not described", with(func(f *ngFile) { f.block(blockStatistics, f.u32(3), make([]byte, 8)) }), 1,
			"offset 84: statistics of interface 3: the section describes 1 so far"},
		{"tsresol 64", with(func(f *ngFile) { f.addInterface(LinkEthernet, 0, f.option(optTimeResolution, []byte{64})) }), 1,
			"offset 84: interface 1: if_tsresol 10^-64: accepted are 10^0 to 10^-19 and 2^0 to 2^-63"},
		{"tsresol 2^-64", with(func(f *ngFile) { f.addInterface(LinkEthernet, 0, f.option(optTimeResolution, []byte{0xC0})) }), 1,
			"offset 84: interface 1: if_tsresol 2^-64: accepted are 2^0 to 2^-63 and 10^0 to 10^-19"},
		{"tsresol of two octets", with(func(f *ngFile) { f.addInterface(LinkEthernet, 0, f.option(optTimeResolution, []byte{9, 9})) }), 1,
			"offset 84: interface 1: option 9 of 2 octets"},
		{"an option that runs past its block", with(func(f *ngFile) { f.addInterface(LinkEthernet, 0, f.u16(2), f.u16(500)) }), 1,
			"offset 84: interface 1: option 2 of 500 octets: 0 are left in the block"},
		{"a time in the year 2554", with(func(f *ngFile) {
			f.addInterface(LinkEthernet, 0, f.option(optTimeResolution, []byte{9}))
			f.enhanced(1, 1<<64-1, nil)
		}), 1, "offset 112: a packet of interface 1: its time 0xffffffffffffffff is outside the years 1678 to 2261"},
		{"a second section of garbled byte order", with(func(f *ngFile) { f.block(blockSection, make([]byte, 16)) }), 1,
			"offset 92: byte-order magic 0x00000000: accepted is 0x1a2b3c4d in either order"},
		{"pcapng version 2", join(newNg(le).b[:12], []byte{2, 0}, newNg(le).b[14:]), 0, "offset 0: pcapng version 2.0: accepted is 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := "x.pcapng: " + c.want
			if c.want == "EOF" {
				want = "EOF"
			}
			got, err := readAll("x.pcapng", c.file)
			if len(got) != c.good || err.Error() != want {
				t.Errorf("got %d frames, %q\nwant %d frames, %q", len(got), err, c.good, want)
			}
		})
	}
}

func TestPcapngInterfaceLimit(t *testing.T) {
	f := newNg(binary.LittleEndian)
	for range maxInterfaces + 1 {
		f.addInterface(LinkEthernet, 0)
	}
	_, err := readAll("x.pcapng", f.b)
	if want := "x.pcapng: offset 81948: interface 4097 of a section: at most 4096 are accepted"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestPcapngInterfaceName(t *testing.T) {
	f := newNg(binary.LittleEndian)
	f.addInterface(LinkEthernet, 0, f.option(optInterfaceName, []byte("eth\x1b[2J\xff0")))
	f.enhanced(0, 1, nil)
	got, _ := readAll("x.pcapng", f.b)
	if want := "eth[2J0"; len(got) != 1 || got[0].Interface.Name != want {
		t.Errorf("got %+v, want the name %q", got, want)
	}
}
