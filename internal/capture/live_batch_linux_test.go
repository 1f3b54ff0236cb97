package capture

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// deliver puts a frame into a batch as the kernel would.
func deliver(b *batchBuffer, i int, packetType uint8, frame, control []byte) {
	b.headers[i].Len = uint32(copy(b.data[i*frameRoom+tagSize:][:frameRoom-tagSize], frame))
	b.headers[i].Hdr.SetControllen(copy(b.control[i*controlRoom:][:controlRoom], control))
	b.addresses[i].Pkttype = packetType
}

func TestBatchFrame(t *testing.T) {
	sync := message(ptp.Sync, 1)
	untagged := eth(0x88F7, sync)
	tagged := join(untagged[:12], u16(0x8100), u16(0xE064), untagged[12:])
	jumbo := eth(0x88F7, make([]byte, 20_000))
	aux := func(status uint32, length int, tci, tpid uint16) []byte {
		return cmsg(unix.SOL_PACKET, unix.PACKET_AUXDATA, auxdata(status, uint32(length), tci, tpid))
	}
	const kept = frameRoom - tagSize
	for _, c := range []struct {
		name    string
		kind    uint8
		frame   []byte
		control []byte
		want    []byte
		length  int
		egress  bool
	}{
		{"untagged", unix.PACKET_HOST, untagged, aux(0, len(untagged), 0, 0), untagged, len(untagged), false},
		{"tag put back", unix.PACKET_MULTICAST, untagged, aux(tagValid, len(untagged), 0xE064, 0x8100), tagged, len(tagged), false},
		{"sent", unix.PACKET_OUTGOING, tagged, aux(0, len(tagged), 0, 0), tagged, len(tagged), true},
		{"nothing told", unix.PACKET_HOST, untagged, nil, untagged, len(untagged), false},
		{"cut", unix.PACKET_HOST, jumbo, aux(0, len(jumbo), 0, 0), jumbo[:kept], len(jumbo), false},
		{"cut and tagged", unix.PACKET_HOST, jumbo, aux(tagValid, len(jumbo), 0xE064, 0x8100), join(jumbo[:12], u16(0x8100), u16(0xE064), jumbo[12:kept]), len(jumbo) + 4, false},
		{"too short for a tag", unix.PACKET_HOST, untagged[:11], aux(tagValid, 11, 0xE064, 0x8100), untagged[:11], 11, false},
		{"empty", unix.PACKET_HOST, nil, aux(tagValid, 0, 0xE064, 0x8100), nil, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBatchBuffer()
			const last = batchFrames - 1
			deliver(b, last, c.kind, c.frame, c.control)
			var f liveFrame
			b.frame(last, &f)
			if !bytes.Equal(f.data, c.want) || f.length != c.length || f.egress != c.egress {
				t.Errorf("got %d octets of %d, egress %v, want %d of %d, %v:\n% x\nwant\n% x",
					len(f.data), f.length, f.egress, len(c.want), c.length, c.egress, f.data, c.want)
			}
		})
	}
}
