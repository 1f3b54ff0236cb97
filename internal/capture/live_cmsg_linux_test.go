package capture

import (
	"encoding/binary"
	"math"
	"math/bits"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// cmsg is a control message as the kernel of this machine writes it.
func cmsg(level, kind int, data ...[]byte) []byte {
	body := join(data...)
	return cmsgOfLength(unix.CmsgLen(len(body)), level, kind, body)
}

// cmsgOfLength is one that claims a length.
func cmsgOfLength(length, level, kind int, body []byte) []byte {
	var b []byte
	if bits.UintSize == 64 {
		b = binary.NativeEndian.AppendUint64(b, uint64(length))
	} else {
		b = binary.NativeEndian.AppendUint32(b, uint32(length))
	}
	b = binary.NativeEndian.AppendUint32(b, uint32(level))
	b = binary.NativeEndian.AppendUint32(b, uint32(kind))
	b = append(b, make([]byte, unix.CmsgLen(0)-len(b))...)
	return join(b, body, make([]byte, unix.CmsgSpace(len(body))-unix.CmsgLen(len(body))))
}

// words are 64-bit integers in a row.
func words(values ...int64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.NativeEndian.AppendUint64(b, uint64(v))
	}
	return b
}

func words32(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	return b
}

// longs are integers of the machine's word.
func longs(values ...int64) []byte {
	if bits.UintSize == 64 {
		return words(values...)
	}
	var b []byte
	for _, v := range values {
		b = binary.NativeEndian.AppendUint32(b, uint32(v))
	}
	return b
}

// auxdata is struct tpacket_auxdata.
func auxdata(status, length uint32, tci, tpid uint16) []byte {
	b := words32(status, length, length)
	for _, v := range []uint16{0, 14, tci, tpid} {
		b = binary.NativeEndian.AppendUint16(b, v)
	}
	return b
}

const tagValid = unix.TP_STATUS_VLAN_VALID | unix.TP_STATUS_VLAN_TPID_VALID

func ancillaryCases() map[string]struct {
	control []byte
	want    ancillary
} {
	const sock, pack = unix.SOL_SOCKET, unix.SOL_PACKET
	both := words(1_700_000_000, 5, 0, 0, 1_700_000_037, 9)
	const software, hardware = 1_700_000_000_000_000_005, 1_700_000_037_000_000_009
	stamps := cmsg(sock, unix.SO_TIMESTAMPING_NEW, both)
	return map[string]struct {
		control []byte
		want    ancillary
	}{
		"nothing":             {nil, ancillary{}},
		"both stamps":         {stamps, ancillary{software: software, hardware: hardware}},
		"both stamps, older":  {cmsg(sock, unix.SO_TIMESTAMPING, longs(1_700_000_000, 5, 0, 0, 1_700_000_037, 9)), ancillary{software: software, hardware: hardware}},
		"software stamp only": {cmsg(sock, unix.SO_TIMESTAMPING_NEW, words(1_700_000_000, 5, 0, 0, 0, 0)), ancillary{software: software}},
		"hardware stamp only": {cmsg(sock, unix.SO_TIMESTAMPING_NEW, words(0, 0, 0, 0, 1_700_000_037, 9)), ancillary{hardware: hardware}},
		"everything": {
			join(stamps, cmsg(sock, unix.SCM_TIMESTAMPING_PKTINFO, words32(3, 60, 0, 0)), cmsg(pack, unix.PACKET_AUXDATA, auxdata(tagValid, 60, 0xE064, 0x88A8)), cmsg(sock, unix.SO_RXQ_OVFL, words32(7))),
			ancillary{software: software, hardware: hardware, stampedBy: 3, length: 60, tagged: true, tci: 0xE064, tpid: 0x88A8, drops: 7},
		},
		"no tag":                     {cmsg(pack, unix.PACKET_AUXDATA, auxdata(0, 60, 0xE064, 0x88A8)), ancillary{length: 60}},
		"tag without its type":       {cmsg(pack, unix.PACKET_AUXDATA, auxdata(unix.TP_STATUS_VLAN_VALID, 60, 100, 0)), ancillary{length: 60, tagged: true, tci: 100, tpid: 0x8100}},
		"stamps of another level":    {cmsg(pack, unix.SO_TIMESTAMPING_NEW, both), ancillary{}},
		"auxiliary of another level": {cmsg(sock, unix.PACKET_AUXDATA, auxdata(tagValid, 60, 100, 0x8100)), ancillary{}},
		"level nobody knows":         {cmsg(math.MaxInt32, unix.SO_TIMESTAMPING_NEW, both), ancillary{}},
		"stamps cut":                 {cmsg(sock, unix.SO_TIMESTAMPING_NEW, both[:47]), ancillary{}},
		"older stamps cut":           {cmsg(sock, unix.SO_TIMESTAMPING, longs(1, 2, 3, 4, 5, 6)[:6*bits.UintSize/8-1]), ancillary{}},
		"auxiliary cut":              {cmsg(pack, unix.PACKET_AUXDATA, auxdata(tagValid, 60, 100, 0x8100)[:19]), ancillary{}},
		"small ones cut":             {join(cmsg(sock, unix.SO_RXQ_OVFL, []byte{1, 2, 3}), cmsg(sock, unix.SCM_TIMESTAMPING_PKTINFO, []byte{1})), ancillary{}},
		"buffer ends in the stamps":  {stamps[:40], ancillary{}},
		"buffer ends in a header":    {join(stamps, make([]byte, unix.SizeofCmsghdr-1)), ancillary{software: software, hardware: hardware}},
		"length below the header's":  {join(cmsgOfLength(unix.SizeofCmsghdr-1, sock, unix.SO_TIMESTAMPING_NEW, both), stamps), ancillary{}},
		"length beyond the buffer":   {cmsgOfLength(unix.CmsgLen(49), sock, unix.SO_TIMESTAMPING_NEW, both), ancillary{}},
		"length beyond all buffers":  {cmsgOfLength(-1, sock, unix.SO_TIMESTAMPING_NEW, both), ancillary{}},
		"nanoseconds of a second":    {cmsg(sock, unix.SO_TIMESTAMPING_NEW, words(1, 1e9, 0, 0, 1, -1)), ancillary{}},
		"seconds below zero":         {cmsg(sock, unix.SO_TIMESTAMPING_NEW, words(-1, 0, 0, 0, 1_700_000_037, 9)), ancillary{hardware: hardware}},
		"a clock beyond the years":   {cmsg(sock, unix.SO_TIMESTAMPING_NEW, words(1_700_000_000, 5, 0, 0, math.MaxInt64/1_000_000_000, 0)), ancillary{software: software}},
	}
}

func TestAncillary(t *testing.T) {
	for name, c := range ancillaryCases() {
		t.Run(name, func(t *testing.T) {
			got := ancillary{software: 1, tagged: true} // of the frame before
			got.parse(c.control)
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(ancillary{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// Stamps of 32-bit words come from 32-bit kernels only; their layout is the
// same everywhere.
func TestStamps32(t *testing.T) {
	var a ancillary
	a.stamps(words32(1_700_000_000, 5, 0, 0, 1_700_000_037, 9), 32)
	if want := (ancillary{software: 1_700_000_000_000_000_005, hardware: 1_700_000_037_000_000_009}); a != want {
		t.Errorf("got %+v, want %+v", a, want)
	}
	a = ancillary{}
	a.stamps(words32(1_700_000_000, 5, 0, 0, 1_700_000_037), 32)
	if a != (ancillary{}) {
		t.Errorf("cut: got %+v, want none", a)
	}
}

// FuzzAncillary holds the parser to x/sys', which allocates and knows nothing
// of what is in the messages.
func FuzzAncillary(f *testing.F) {
	for _, c := range ancillaryCases() {
		f.Add(c.control)
	}
	f.Fuzz(func(t *testing.T, control []byte) {
		var got ancillary
		got.parse(control)
		if got.software < 0 || got.hardware < 0 || got.length < 0 {
			t.Fatalf("got %+v", got)
		}
		messages, err := unix.ParseSocketControlMessage(control)
		if err != nil {
			return // it gives nothing, and we what was before the fault
		}
		var want ancillary
		for _, m := range messages {
			d := m.Data
			switch {
			case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPING_NEW && len(d) >= 48:
				want.software, want.hardware = nanoseconds(d), nanoseconds(d[32:])
			case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPING && len(d) >= 6*bits.UintSize/8:
				want.software, want.hardware = got.software, got.hardware // TestAncillary has it
			case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_TIMESTAMPING_PKTINFO && len(d) >= 4:
				want.stampedBy = int32(binary.NativeEndian.Uint32(d))
			case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_RXQ_OVFL && len(d) >= 4:
				want.drops = binary.NativeEndian.Uint32(d)
			case m.Header.Level == unix.SOL_PACKET && m.Header.Type == unix.PACKET_AUXDATA && len(d) >= 20:
				want.length, want.tagged = got.length, got.tagged
				want.tci, want.tpid = got.tci, got.tpid
			}
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// nanoseconds is a stamp by way of time.Time, 0 for what none of it holds.
func nanoseconds(b []byte) int64 {
	s, ns := int64(binary.NativeEndian.Uint64(b)), int64(binary.NativeEndian.Uint64(b[8:]))
	if s < 0 || ns < 0 || ns > 999_999_999 || s >= time.Unix(0, math.MaxInt64).Unix() {
		return 0
	}
	return time.Unix(s, ns).UnixNano()
}
