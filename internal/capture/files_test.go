package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const epoch = 1_700_000_000_000_000_000

// capture writes a pcapng file of one interface: a Sync at each of the times,
// in milliseconds, with its place in the file as its sequenceId.
func capture(t testing.TB, iface string, times ...int64) []byte {
	t.Helper()
	frames := make([]Record, len(times))
	for i, ms := range times {
		frames[i] = Record{Time: epoch + ms*1_000_000, Data: eth(0x88F7, message(ptp.Sync, uint16(i+1)))}
	}
	return write(t, iface, LinkEthernet, frames...)
}

func write(t testing.TB, iface string, link LinkType, frames ...Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, "ptpwatch test")
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.AddInterface(iface, link)
	if err != nil {
		t.Fatal(err)
	}
	for i := range frames {
		if err := w.Write(id, &frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// inDir writes files into a directory that is the working directory then, so
// that errors and labels are the same everywhere.
func inDir(t *testing.T, files map[string][]byte) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, b := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// replay reads all; a line for each observation.
func replay(t *testing.T, paths []string, stdin io.Reader, o Options) (lines []string, stats []packet.CaptureStats, err error) {
	t.Helper()
	f, err := OpenFiles(paths, stdin, o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var obs packet.Observation
	for err = f.Next(&obs); err == nil; err = f.Next(&obs) {
		lines = append(lines, fmt.Sprintf("%d ms %s:%d %s", obs.At.Sub(time.Unix(0, epoch)).Milliseconds(), obs.Frame.File, obs.Frame.Number, obs.Network))
	}
	return lines, f.Stats(), err
}

func TestFilesMerge(t *testing.T) {
	inDir(t, map[string][]byte{
		"a.pcapng":       capture(t, "eth0", 0, 10, 20, 40),
		"b.pcapng.gz":    gzipped(t, capture(t, "eth1", 5, 20, 15, 30, 50)),
		"later.pcap.zst": zstandard(t, capture(t, "", 100, 101)),
	})
	got, stats, err := replay(t, []string{"later.pcap.zst", "b.pcapng.gz", "a.pcapng"}, nil, Options{})
	if err != io.EOF {
		t.Errorf("got error %v, want EOF", err)
	}
	want := []string{
		"0 ms a.pcapng:1 eth0",
		"5 ms b.pcapng.gz:1 eth1",
		"10 ms a.pcapng:2 eth0",
		"15 ms b.pcapng.gz:3 eth1",
		"20 ms b.pcapng.gz:2 eth1",
		"20 ms a.pcapng:3 eth0",
		"30 ms b.pcapng.gz:4 eth1",
		"40 ms a.pcapng:4 eth0",
		"50 ms b.pcapng.gz:5 eth1",
		"100 ms later.pcap.zst:1 later.pcap.zst",
		"101 ms later.pcap.zst:2 later.pcap.zst",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(stats) != 3 || stats[0].File != "later.pcap.zst" || stats[1].PTP != 5 || stats[2].Frames != 4 {
		t.Errorf("got stats %+v", stats)
	}
}

// TestFilesMergeSorts: files of any number, overlapping as they like and each
// out of order within the window, come out as one sorted sequence.
func TestFilesMergeSorts(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1588))
	for range 20 {
		files, names, want := map[string][]byte{}, []string{}, 0
		for i := range 1 + random.IntN(6) {
			name := fmt.Sprintf("%d.pcapng", i)
			start := random.Int64N(300)
			times := make([]int64, random.IntN(200))
			for j := range times {
				times[j] = start + int64(j)*2 + random.Int64N(19)
			}
			files[name], names = capture(t, name, times...), append(names, name)
			want += len(times)
		}
		inDir(t, files)
		f, err := OpenFiles(names, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var o packet.Observation
		var last time.Time
		n := 0
		for err = f.Next(&o); err == nil; err = f.Next(&o) {
			if o.At.Before(last) {
				t.Fatalf("%v after %v", o.At, last)
			}
			last = o.At
			n++
		}
		if err != io.EOF || n != want {
			t.Fatalf("got %d messages, %v, want %d, EOF", n, err, want)
		}
	}
}

// TestFilesRotated: of many files that follow each other one is open at a time.
func TestFilesRotated(t *testing.T) {
	files, names := map[string][]byte{}, []string{}
	for i := range int64(40) {
		name := fmt.Sprintf("rotated_%02d.pcapng", i)
		files[name] = capture(t, "eth0", i*10, i*10+5)
		names = append(names, name)
	}
	inDir(t, files)
	slices.Reverse(names)
	f, err := OpenFiles(names, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var o packet.Observation
	open, last := 0, time.Time{}
	n := 0
	for err = f.Next(&o); err == nil; err = f.Next(&o) {
		if o.At.Before(last) {
			t.Fatalf("%v after %v", o.At, last)
		}
		open, last = max(open, len(f.active)), o.At
		n++
	}
	if err != io.EOF || n != 80 || open != 1 {
		t.Errorf("got %d messages, %d files open at once, error %v, want 80, 1, EOF", n, open, err)
	}
	for _, c := range f.files {
		if c.opened != nil || c.reader != nil {
			t.Errorf("%s was not let go", c.path)
		}
	}
}

func TestFilesStdin(t *testing.T) {
	got, stats, err := replay(t, []string{"-"}, newOneByteReader(gzipped(t, capture(t, "", 0, 1))), Options{})
	if want := []string{"0 ms -:1 stdin", "1 ms -:2 stdin"}; err != io.EOF || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if stats[0].File != "-" {
		t.Errorf("got file %q", stats[0].File)
	}
}

func TestFilesNames(t *testing.T) {
	f := newNg(binary.LittleEndian)
	f.addInterface(LinkEthernet, 0)
	f.addInterface(LinkEthernet, 0)
	f.addInterface(LinkLinuxSLL2, 0, f.option(optInterfaceName, []byte("any")))
	sync := message(ptp.Sync, 1)
	f.enhanced(0, epoch/1000, eth(0x88F7, sync))
	f.enhanced(1, epoch/1000, eth(0x8100, tag(100, 0x88F7, sync)))
	f.enhanced(2, epoch/1000, sll2(0, 3, 0x88F7, sync))
	inDir(t, map[string][]byte{"x/one.pcapng": f.b, "x/two.pcap": capture(t, "", 1), "y/two.pcap": capture(t, "", 2)})
	got, _, _ := replay(t, []string{"x/one.pcapng", "x/two.pcap", "y/two.pcap"}, nil, Options{})
	want := []string{
		"0 ms x/one.pcapng:1 one.pcapng",
		"0 ms x/one.pcapng:2 one.pcapng#1.100",
		"0 ms x/one.pcapng:3 any#3",
		"1 ms x/two.pcap:1 x/two.pcap",
		"2 ms y/two.pcap:1 y/two.pcap",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestFilesObservation: all that a file tells is in the observation.
func TestFilesObservation(t *testing.T) {
	out := Record{Time: epoch + 7, Direction: Outbound, Data: eth(0x8100, tag(100, 0x88F7, message(ptp.Sync, 1)))}
	in := out
	in.Direction = Inbound
	inDir(t, map[string][]byte{"x.pcapng": write(t, "eth0", LinkEthernet, out, in)})
	f, err := OpenFiles([]string{"x.pcapng"}, nil, Options{Naming: Naming{
		Taps:     map[string]string{"eth0": "link7"},
		Networks: []NamedNetwork{{Name: "plant", VLANs: []uint16{100}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at := time.Unix(0, epoch+7).UTC()
	want := onEthernet(overEthernet, 100)
	want.At, want.Stamp, want.StampSource, want.Egress = at, at, packet.StampCapture, true
	want.Frame, want.Length = packet.Frame{File: "x.pcapng", Number: 1}, 14+4+44
	want.Interface, want.Tap, want.Network = "eth0", "link7", "plant"
	if err := ptp.Decode(message(ptp.Sync, 1), &want.Message); err != nil {
		t.Fatal(err)
	}
	var got packet.Observation
	for i, egress := range []bool{true, false} {
		if err := f.Next(&got); err != nil {
			t.Fatal(err)
		}
		want.Frame.Number, want.Egress = uint64(i+1), egress
		if diff := cmp.Diff(want, got, observed); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	if read, total := f.Progress(); read != total || total == 0 {
		t.Errorf("progress %d of %d, want all", read, total)
	}
}

func TestFilesStats(t *testing.T) {
	ms := func(n int64) int64 { return epoch + n*1_000_000 }
	sync := message(ptp.Sync, 1)
	reserved := message(ptp.Sync, 1)
	reserved[0] = 4
	nanoseconds := message(ptp.Sync, 1)
	nanoseconds[40] = 0xFF
	v1 := ptp.AppendMessageV1(nil, &ptp.MessageV1{VersionPTP: 1, Timestamp: ptp.TimestampV1{Nanoseconds: -2e9}})
	inDir(t, map[string][]byte{"x.pcapng": write(t, "eth0", LinkEthernet,
		Record{Time: ms(0), Data: eth(0x0806, make([]byte, 46))},
		Record{Time: ms(1), Data: eth(0x88F7, sync)},
		Record{Time: ms(2), Data: eth(0x88F7, reserved)},
		Record{Time: ms(3), Data: eth(0x88F7, nanoseconds)},
		Record{Time: ms(4), Data: eth(0x88F7, sync)[:40], Length: 60},
		Record{Time: ms(5), Data: eth(0x0800, ip4(moreFragments, nil, udp4(319, 319, sync)))},
		Record{Time: ms(6), Data: eth(0x0800, ip4(0, nil, udp4(319, 319, v1)))},
		Record{Time: ms(900), Data: eth(0x88F7, sync)},
		Record{Time: ms(950), Data: eth(0x88F7, sync)},
		Record{Time: ms(800), Data: eth(0x88F7, sync)},
	)})
	_, got, err := replay(t, []string{"x.pcapng"}, nil, Options{})
	want := []packet.CaptureStats{{
		File: "x.pcapng", Frames: 10, Bytes: 7*60 + 40 + 86 + 166, PTP: 7, V1: 1, Fragments: 1, OutOfOrder: 1,
		Malformed: map[ptp.Malformation]uint64{ptp.BadMessageType: 1, ptp.BadNanoseconds: 2, packet.CutByCapture: 1},
		Stamps:    map[packet.StampSource]uint64{packet.StampCapture: 7},
		First:     time.Unix(0, ms(0)).UTC(), Last: time.Unix(0, ms(950)).UTC(),
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != io.EOF {
		t.Errorf("error %v, -want +got\n%s", err, diff)
	}
}

// TestFilesFaults: what is broken in one file takes nothing from the others, nor
// from what the file has before.
func TestFilesFaults(t *testing.T) {
	good := capture(t, "eth0", 0, 1, 2)
	tsresol := newNg(binary.LittleEndian)
	tsresol.addInterface(LinkEthernet, 0, tsresol.option(optTimeResolution, []byte{64}))
	inDir(t, map[string][]byte{
		"good.pcapng":    capture(t, "eth1", 0, 10, 20),
		"cut.pcapng":     good[:len(good)-50],
		"cut.pcapng.gz":  gzipped(t, good)[:300],
		"bad.pcapng.zst": append(zstandard(t, good), "garbage"...),
		"empty.pcap":     nil,
		"empty.gz":       gzipped(t, nil),
		"notes.txt":      []byte("a text file\nof two lines, é\n"),
		"snoop":          []byte("snoop\x00\x00\x00\x00\x00\x00\x02"),
		"x.pcap.xz":      []byte("\xFD7zXZ\x00\x00\x04"),
		"program":        []byte("\x7fELF\x02\x01\x01"),
		"window.zst":     {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x01, 0x00, 0x00},
		"header.gz":      {0x1F, 0x8B, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9},
		"wifi.pcapng":    write(t, "wlan0", 105, Record{Time: epoch, Data: []byte{8}}, Record{Time: epoch, Data: []byte{8}}),
		"tsresol.pcapng": tsresol.b,
	})
	const accepted = ": accepted are pcap and pcapng, also compressed with gzip or zstd"
	faults := []struct {
		file, want string
		messages   uint64
	}{
		{"cut.pcapng", "cut.pcapng: offset 276: the file ends 42 octets into a block of 92", 2},
		{"cut.pcapng.gz", "cut.pcapng.gz: offset 285 of the uncompressed data: read: uncompress: unexpected EOF", 2},
		{"bad.pcapng.zst", "bad.pcapng.zst: offset 368 of the uncompressed data: read: uncompress: invalid input: magic number mismatch", 3},
		{"empty.pcap", "empty.pcap: an empty file" + accepted, 0},
		{"empty.gz", "empty.gz: nothing in it once uncompressed" + accepted, 0},
		{"notes.txt", "notes.txt: a text file" + accepted, 0},
		{"snoop", "snoop: a snoop file" + accepted, 0},
		{"x.pcap.xz", "x.pcap.xz: an xz file" + accepted, 0},
		{"program", "program: not a capture (it starts with 7f 45 4c 46)" + accepted, 0},
		{"window.zst", "window.zst: offset 0 of the uncompressed data: read: uncompress: window size exceeded: at most 67108864 octets are accepted", 0},
		{"header.gz", "header.gz: offset 0: uncompress: gzip: invalid header", 0},
		{"wifi.pcapng", "wifi.pcapng: none of 2 frames is of a link type that is decoded: interface wlan0 has link type 105 (IEEE 802.11): " + acceptedLinks, 0},
		{"tsresol.pcapng", "tsresol.pcapng: offset 28: interface 0: if_tsresol 10^-64: accepted are 10^0 to 10^-19 and 2^0 to 2^-63", 0},
	}
	var all []string
	paths := []string{"good.pcapng"}
	for _, c := range faults {
		paths = append(paths, c.file)
		all = append(all, c.want)
	}
	lines, stats, err := replay(t, paths, nil, Options{})
	if diff := cmp.Diff(strings.Join(all, "\n"), err.Error()); diff != "" {
		t.Errorf("error, -want +got\n%s", diff)
	}
	if n := len(slices.DeleteFunc(lines, func(l string) bool { return !strings.Contains(l, " good.pcapng:") })); n != 3 {
		t.Errorf("got %d messages of the sound file, want 3", n)
	}
	for i, c := range faults {
		if got := stats[i+1]; got.PTP != c.messages || got.Fault != c.want {
			t.Errorf("%s: got %d messages, fault %q, want %d, %q", c.file, got.PTP, got.Fault, c.messages, c.want)
		}
	}
	if want := map[string]uint64{"interface wlan0 has link type 105 (IEEE 802.11)": 2}; !cmp.Equal(stats[12].Skipped, want) {
		t.Errorf("skipped: got %v, want %v", stats[12].Skipped, want)
	}
}

// TestFilesUnknownLink: one interface that nobody decodes is no fault of a file
// that has others.
func TestFilesUnknownLink(t *testing.T) {
	f := newNg(binary.LittleEndian)
	f.addInterface(105, 0)
	f.addInterface(LinkEthernet, 0)
	f.enhanced(0, 1, []byte{8})
	f.enhanced(1, 2, eth(0x88F7, message(ptp.Sync, 1)))
	inDir(t, map[string][]byte{"x.pcapng": f.b})
	lines, stats, err := replay(t, []string{"x.pcapng"}, nil, Options{})
	want := map[string]uint64{"interface x.pcapng has link type 105 (IEEE 802.11)": 1}
	if err != io.EOF || len(lines) != 1 || !cmp.Equal(stats[0].Skipped, want) || stats[0].Fault != "" {
		t.Errorf("got %v, %+v, %v", lines, stats[0], err)
	}
}

func TestOpenFilesErrors(t *testing.T) {
	inDir(t, map[string][]byte{"dir/x": nil, "good.pcap": capture(t, "", 1)})
	_, err := OpenFiles([]string{"good.pcap", "nowhere.pcap", "dir", "-", "-"}, strings.NewReader(""), Options{})
	want := "open nowhere.pcap: no such file or directory\n" +
		"open dir: a directory: accepted are pcap and pcapng, also compressed with gzip or zstd\n" +
		"open -: named twice: there is one standard input"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestFilesKeepTLVs: what an observation points to holds until the next call,
// however far the source has read ahead.
func TestFilesKeepTLVs(t *testing.T) {
	var frames []Record
	for i := range 5000 {
		tlv := join(pathTrace)
		tlv[10], tlv[11] = byte(i>>8), byte(i)
		frames = append(frames, Record{Time: epoch + int64(i^1)*1_000_000, Data: eth(0x88F7, message(ptp.AnnounceMessage, uint16(i), tlv...))})
		m := ptp.MessageV1{VersionPTP: 1, SequenceID: uint16(i)}
		frames = append(frames, Record{Time: epoch + int64(i^1)*1_000_000, Data: eth(0x0800, ip4(0, nil, udp4(319, 319, ptp.AppendMessageV1(nil, &m))))})
	}
	inDir(t, map[string][]byte{"x.pcapng": write(t, "eth0", LinkEthernet, frames...)})
	f, err := OpenFiles([]string{"x.pcapng"}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var o packet.Observation
	n := 0
	for err = f.Next(&o); err == nil; err = f.Next(&o) {
		i := (n / 2) ^ 1
		if n%2 == 0 {
			if b := o.Message.TLVs; len(b) != 12 || int(b[10])<<8|int(b[11]) != i || int(o.Message.SequenceID) != i {
				t.Fatalf("message %d: sequence %d, TLVs % x", n, o.Message.SequenceID, b)
			}
		} else if o.V1 == nil || int(o.V1.SequenceID) != i {
			t.Fatalf("message %d: %+v", n, o.V1)
		}
		n++
	}
	if err != io.EOF || n != 10000 {
		t.Errorf("got %d messages, %v", n, err)
	}
}

// TestFilesBomb: a small file that holds a lot is read through, not kept.
func TestFilesBomb(t *testing.T) {
	const size = 256 << 20
	f := newNg(binary.LittleEndian)
	f.addInterface(LinkEthernet, 0)
	head := f.enhanced(0, 1, eth(0x88F7, message(ptp.Sync, 1))).b
	var bomb bytes.Buffer
	w := newZstdWriter(t, &bomb)
	w.Write(head)
	w.Write(f.u32(4))
	w.Write(f.u32(size + blockOverhead))
	for range size / (1 << 20) {
		w.Write(make([]byte, 1<<20))
	}
	w.Write(f.u32(size + blockOverhead))
	w.Write(head)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	inDir(t, map[string][]byte{"bomb.pcapng.zst": bomb.Bytes()})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	lines, _, err := replay(t, []string{"bomb.pcapng.zst"}, nil, Options{})
	runtime.ReadMemStats(&after)
	if err != io.EOF || len(lines) != 2 {
		t.Errorf("got %v, %v, want 2 messages", lines, err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 32<<20 {
		t.Errorf("%d octets took %d of memory", bomb.Len(), got)
	}
}
