package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// TestLosses: what a file says of lost frames comes with the next message of the
// interface, with how many frames it had in between; what it says later, in the
// statistics.
func TestLosses(t *testing.T) {
	le := binary.LittleEndian
	f := newNg(le)
	f.addInterface(LinkEthernet, 0, f.option(optInterfaceName, []byte("a")), f.option(optTimeResolution, []byte{9}))
	f.addInterface(LinkEthernet, 0, f.option(optInterfaceName, []byte("b")), f.option(optTimeResolution, []byte{9}))
	sync, arp := eth(0x88F7, message(ptp.Sync, 1)), eth(0x0806, make([]byte, 46))
	at := uint64(epoch)
	add := func(iface uint32, data []byte, lost uint64) {
		at += 1000
		var options []byte
		if lost > 0 {
			options = f.option(optDropCount, le.AppendUint64(nil, lost))
		}
		f.enhanced(iface, at, data, options)
	}
	add(0, sync, 0)
	add(0, arp, 3)
	add(0, arp, 0)
	add(1, sync, 0)
	add(0, sync, 2)
	add(0, sync, 0)
	f.block(blockStatistics, f.u32(1), make([]byte, 8), f.option(optInterfaceDrops, le.AppendUint64(nil, 7)))
	add(1, sync, 0)
	add(0, arp, 1)
	f.block(blockStatistics, f.u32(1), make([]byte, 8), f.option(optInterfaceDrops, le.AppendUint64(nil, 11)))

	inDir(t, map[string][]byte{"x.pcapng": f.b})
	files, err := OpenFiles([]string{"x.pcapng"}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	var got []string
	for o := (packet.Observation{}); ; {
		if err := files.Next(&o); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s: %d others, %d lost", o.Interface, o.Others, o.Lost))
	}
	want := []string{
		"a: 0 others, 0 lost", "b: 0 others, 0 lost", "a: 2 others, 5 lost", "a: 0 others, 0 lost", "b: 0 others, 7 lost",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	stats := files.Stats()[0]
	if diff := cmp.Diff(map[string]uint64{"a": 1, "b": 4}, stats.LostAfter); diff != "" || stats.Drops != 3+2+1+11 {
		t.Errorf("after the last message (-want +got)\n%s%d drops in all", diff, stats.Drops)
	}
}
