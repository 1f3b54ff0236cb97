package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// byteOrder is both of what encoding/binary splits in two.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func pcapHeader(o byteOrder, magic, link uint32) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(o.AppendUint16(b, 2), 4)
	b = append(b, make([]byte, 8)...)
	return o.AppendUint32(o.AppendUint32(b, 262144), link)
}

func pcapPacket(o byteOrder, seconds, fraction uint32, length int, data []byte) []byte {
	b := o.AppendUint32(o.AppendUint32(nil, seconds), fraction)
	b = o.AppendUint32(o.AppendUint32(b, uint32(len(data))), uint32(length))
	return append(b, data...)
}

// readAll reads every frame, each a copy, and the error that ended it.
func readAll(name string, file []byte) (records []Record, err error) {
	r, err := NewReader(name, bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		var rec Record
		if err := r.Next(&rec); err != nil {
			return records, err
		}
		rec.Data = bytes.Clone(rec.Data)
		rec.Comment = bytes.Clone(rec.Comment)
		records = append(records, rec)
	}
}

// plainly compares what a file says, not how we keep it.
var plainly = cmp.Options{cmpopts.IgnoreUnexported(Interface{}), cmpopts.EquateEmpty()}

func TestPcap(t *testing.T) {
	data := []byte{1, 2, 3, 4, 5}
	for _, c := range []struct {
		name     string
		order    byteOrder
		magic    uint32
		fraction uint32
		link     uint32
		want     int64
	}{
		{"microseconds, little-endian", binary.LittleEndian, magicMicroseconds, 123_456, 1, 1_700_000_000_123_456_000},
		{"microseconds, big-endian", binary.BigEndian, magicMicroseconds, 123_456, 1, 1_700_000_000_123_456_000},
		{"nanoseconds, little-endian", binary.LittleEndian, magicNanoseconds, 123_456_789, 1, 1_700_000_000_123_456_789},
		{"nanoseconds, big-endian", binary.BigEndian, magicNanoseconds, 123_456_789, 1, 1_700_000_000_123_456_789},
		{"with a frame check sequence", binary.LittleEndian, magicMicroseconds, 0, 0x44000001, 1_700_000_000_000_000_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := pcapHeader(c.order, c.magic, c.link)
			file = append(file, pcapPacket(c.order, 1_700_000_000, c.fraction, len(data), data)...)
			file = append(file, pcapPacket(c.order, 4_000_000_000, 0, 1514, data)...) // after 2038
			got, err := readAll("x.pcap", file)
			i := &Interface{Link: LinkEthernet}
			want := []Record{
				{Number: 1, Time: c.want, Interface: i, Data: data, Length: 5},
				{Number: 2, Time: 4_000_000_000_000_000_000, Interface: i, Data: data, Length: 1514},
			}
			if err != io.EOF {
				t.Errorf("got error %v, want EOF", err)
			}
			if diff := cmp.Diff(want, got, plainly); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestPcapFaults(t *testing.T) {
	le := binary.LittleEndian
	header := pcapHeader(le, magicMicroseconds, 1)
	good := pcapPacket(le, 1, 0, 4, []byte{1, 2, 3, 4})
	for _, c := range []struct {
		name string
		file []byte
		good int
		want string
	}{
		{"header only", header, 0, "EOF"},
		{"cut in the header", header[:10], 0, "x.pcap: offset 0: the file ends 10 octets into a pcap file header of 24"},
		{"another version", join(header[:4], []byte{1, 0, 2, 0}, header[8:]), 0, "x.pcap: offset 4: pcap version 1.2: accepted is 2.4"},
		{"cut in a packet header", join(header, good, good[:7]), 1, "x.pcap: offset 44: the file ends 7 octets into a packet header of 16"},
		{"cut in a packet", join(header, good, good, good[:19]), 2, "x.pcap: offset 64: the file ends 19 octets into a packet and its header of 20"},
		{"a packet of 2 GiB", join(header, good, le.AppendUint32(make([]byte, 8), 1<<31), make([]byte, 92)), 1, "x.pcap: offset 52: a packet of 2147483648 octets: at most 262144 are accepted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readAll("x.pcap", c.file)
			if len(got) != c.good || err.Error() != c.want {
				t.Errorf("got %d frames, %q\nwant %d frames, %q", len(got), err, c.good, c.want)
			}
		})
	}
}
