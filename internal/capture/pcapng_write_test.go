package capture

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// written is a file with something of everything that a Writer takes.
func written(t testing.TB) (file []byte, want []Record) {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, "ptpwatch test")
	if err != nil {
		t.Fatal(err)
	}
	interfaces := []*Interface{{ID: 0, Name: "eth0", Link: LinkEthernet}, {ID: 1, Name: "any", Link: LinkLinuxSLL2}, {ID: 2, Link: LinkRaw}}
	for _, i := range interfaces {
		if id, err := w.AddInterface(i.Name, i.Link); err != nil || id != i.ID {
			t.Fatalf("interface %q: %d, %v", i.Name, id, err)
		}
	}
	sync := message(ptp.Sync, 7)
	want = []Record{
		{Time: 0, Interface: interfaces[0], Data: eth(0x88F7, sync), Length: 60, Direction: Inbound},
		{Time: 1_700_000_000_123_456_789, Interface: interfaces[1], Data: sll2(4, 3, 0x88F7, sync), Length: 64, Direction: Outbound, Comment: []byte("a comment")},
		{Time: 1_700_000_000_123_456_788, Interface: interfaces[2], Data: ip4(0, nil, udp4(319, 319, sync))[:71], Length: 72},
		{Time: 9_223_372_036_854_775_807, Interface: interfaces[0], Data: nil, Length: 0, Comment: []byte("four")},
		{Time: 1, Interface: interfaces[0], Data: make([]byte, maxPacket), Length: maxPacket},
	}
	for i := range want {
		want[i].Number = uint64(i + 1)
		if err := w.Write(want[i].Interface.ID, &want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), want
}

func TestWriterRoundTrip(t *testing.T) {
	file, want := written(t)
	got, err := readAll("x.pcapng", file)
	if err != io.EOF {
		t.Errorf("got error %v, want EOF", err)
	}
	if diff := cmp.Diff(want, got, plainly); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestWriterTshark holds what we write against what others read.
func TestWriterTshark(t *testing.T) {
	need(t, "tshark")
	need(t, "capinfos")
	file, _ := written(t)
	path := t.TempDir() + "/x.pcapng"
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	fields := "frame.number frame.time_epoch frame.interface_name frame.interface_id frame.cap_len frame.len frame.packet_flags_direction frame.comment ptp.v2.sequenceid"
	args := []string{"-r", path, "-T", "fields", "-E", "separator=;", "-c", "3"}
	for f := range strings.FieldsSeq(fields) {
		args = append(args, "-e", f)
	}
	want := "1;0.000000000;eth0;0;60;60;0x00000001;;7\n" +
		"2;1700000000.123456789;any;1;64;64;0x00000002;a comment;7\n" +
		"3;1700000000.123456788;;2;71;72;;;7\n"
	if diff := cmp.Diff(want, output(t, "tshark", args...)); diff != "" {
		t.Errorf("tshark, -want +got\n%s", diff)
	}
	info := output(t, "capinfos", path)
	for _, s := range []string{"Capture application: ptpwatch test", "Number of packets:   5", "Number of interfaces in file: 3", "Time precision = nanoseconds (9)"} {
		if !strings.Contains(info, s) {
			t.Errorf("capinfos does not say %q:\n%s", s, info)
		}
	}
}

// need fails where a tool is missing: make deps installs all of them.
func need(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, tool string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", tool, err, stderr.String())
	}
	return string(out)
}

func TestWriterRefuses(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	if _, err := NewWriter(io.Discard, long); err == nil {
		t.Error("an application of 65536 octets was taken")
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(long[:maxNameLength+1], LinkEthernet); err == nil {
		t.Error("an interface name of 257 octets was taken")
	}
	if _, err := w.AddInterface("eth0", LinkEthernet); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		iface int
		r     Record
		want  string
	}{
		{1, Record{}, "pcapng frame: interface 1 of 1"},
		{-1, Record{}, "pcapng frame: interface -1 of 1"},
		{0, Record{Data: make([]byte, maxPacket+1)}, "pcapng frame: 262145 octets: at most 262144 are accepted"},
		{0, Record{Time: -5}, "pcapng frame: 5 ns before 1970"},
		{0, Record{Comment: []byte(long)}, "pcapng frame: comment: 65536 octets: at most 65535 are accepted"},
	} {
		if err := w.Write(c.iface, &c.r); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	// What was refused left nothing behind.
	if err := w.Write(0, &Record{Data: []byte{1}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got, err := readAll("x.pcapng", b.Bytes()); err != io.EOF || len(got) != 1 {
		t.Errorf("got %d frames, %v, want 1", len(got), err)
	}
}

func TestWriterError(t *testing.T) {
	full := errors.New("no space left on device")
	w, err := NewWriter(failing{full}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
