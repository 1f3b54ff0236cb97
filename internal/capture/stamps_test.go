package capture

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var (
	stampedHard = time.Unix(1_700_000_037, 123_456_789).UTC()
	stampedSoft = time.Unix(1_700_000_000, 9).UTC()
)

// TestStampsAreRestored: a replay of our own recording measures with the stamps
// of the live frame, and goes by its time.
func TestStampsAreRestored(t *testing.T) {
	hard := Stamps{Frame: 7, Source: packet.StampHardware, Hardware: stampedHard, Software: stampedSoft, Clock: "ptp 0=ü"}
	soft := Stamps{Frame: 8, Source: packet.StampSoftware, Hardware: stampedHard, Software: stampedSoft}
	for _, c := range []struct {
		name    string
		comment string
		want    packet.Observation // the stamps of it
	}{
		{"hardware", string(hard.AppendComment(nil)), packet.Observation{
			Stamp: stampedHard, StampSource: packet.StampHardware, StampClock: "ptp 0=ü", Hardware: stampedHard, Software: stampedSoft,
		}},
		{"software, with the NIC's beside it", string(soft.AppendComment(nil)), packet.Observation{
			Stamp: stampedSoft, StampSource: packet.StampSoftware, Hardware: stampedHard, Software: stampedSoft,
		}},
		{"below what else there is to say", string(soft.AppendComment([]byte("PTPTimeStep\nraised here\n"))), packet.Observation{
			Stamp: stampedSoft, StampSource: packet.StampSoftware, Hardware: stampedHard, Software: stampedSoft,
		}},
		{"a NIC's clock before 1970", "ptpwatch-stamps: frame=1 source=hardware hardware=-5.000000001 clock=ptp0", packet.Observation{
			Stamp: time.Unix(-5, 1).UTC(), StampSource: packet.StampHardware, StampClock: "ptp0", Hardware: time.Unix(-5, 1).UTC(),
		}},
		{"of a later version", "ptpwatch-stamps: frame=1 colour=red source=software software=1.000000002", packet.Observation{
			Stamp: time.Unix(1, 2).UTC(), StampSource: packet.StampSoftware, Software: time.Unix(1, 2).UTC(),
		}},
		{"somebody's comment", "hardware=1.000000000", inFile},
		{"no stamp of its source", "ptpwatch-stamps: frame=1 source=hardware software=1.000000000", inFile},
		{"no nanoseconds", "ptpwatch-stamps: frame=1 source=software software=1.5", inFile},
		{"an unknown source", "ptpwatch-stamps: source=sundial software=1.000000000", inFile},
		{"beyond what fits", "ptpwatch-stamps: source=software software=9223372036854775807.000000000", inFile},
		{"cut", "ptpwatch-stamps: frame=1 source=software soft", inFile},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, stats := replayComment(t, c.comment)
			c.want.At = fileTime
			if diff := cmp.Diff(stampsOf(&c.want), stampsOf(&got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if stats.Stamps[c.want.StampSource] != 1 || len(stats.Stamps) != 1 {
				t.Errorf("stamps %v, want one of %v", stats.Stamps, c.want.StampSource)
			}
		})
	}
}

var (
	fileTime = time.Unix(1_700_000_000, 500).UTC()
	inFile   = packet.Observation{Stamp: fileTime, StampSource: packet.StampCapture}
)

func stampsOf(o *packet.Observation) []any {
	return []any{o.At, o.Stamp, o.StampSource.String(), o.StampClock, o.Hardware, o.Software}
}

// replayComment is a Sync with a comment, read back from a file.
func replayComment(t testing.TB, comment string) (o packet.Observation, stats packet.CaptureStats) {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, "ptpwatch test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface("eth0", LinkEthernet); err != nil {
		t.Fatal(err)
	}
	r := Record{Time: fileTime.UnixNano(), Data: eth(0x88F7, message(ptp.Sync, 7)), Comment: []byte(comment)}
	if err := w.Write(0, &r); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	files, err := OpenFiles([]string{"-"}, &b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	if err := files.Next(&o); err != nil {
		t.Fatal(err)
	}
	if err := files.Next(new(packet.Observation)); err != io.EOF {
		t.Errorf("after the only frame: %v", err)
	}
	return o, files.Stats()[0]
}

// FuzzStamps: whatever a comment says, what is taken from it is what would be
// written of it.
func FuzzStamps(f *testing.F) {
	hard := Stamps{Frame: 7, Source: packet.StampHardware, Hardware: stampedHard, Software: stampedSoft, Clock: "ptp0"}
	f.Add(string(hard.AppendComment([]byte("x\n"))))
	f.Add("ptpwatch-stamps: frame=1 source=hardware hardware=-5.000000001 clock=")
	f.Fuzz(func(t *testing.T, comment string) {
		var s, again Stamps
		clock, ok := s.parse([]byte(comment))
		if !ok {
			return
		}
		s.Clock = string(clock)
		text := s.AppendComment(nil)
		clock, ok = again.parse(text)
		again.Clock = string(clock)
		if !ok || s != again {
			t.Fatalf("%q gives %+v, written as %q it gives %+v, %t", comment, s, text, again, ok)
		}
		if strings.ContainsRune(s.Clock, '\n') {
			t.Fatalf("a clock named %q", s.Clock)
		}
	})
}
