package simulate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Every scenario that ships is played, long ones aside, each of which has a
// shorter variant: what its file says will happen does happen, as
// large as it is called, nothing gives an attack away, and tshark has nothing
// to say to any kind of frame. So is every profile in every form.
func TestShipped(t *testing.T) {
	t.Parallel()
	var all []*performance
	for _, s := range List() {
		if s.Duration <= 45*time.Minute {
			all = append(all, &performance{Scenario: s})
		}
	}
	for _, s := range combinations(t) {
		all = append(all, &performance{Scenario: s})
	}
	t.Run("played", func(t *testing.T) {
		for _, p := range all {
			t.Run(p.Name, func(t *testing.T) {
				t.Parallel()
				p.play(t)
			})
		}
	})
	t.Run("tshark", func(t *testing.T) { tshark(t, all) })
}

// performance is a scenario's being played.
type performance struct {
	*Scenario
	head    limited // the beginning of the capture
	looks   comparison
	samples []capture.Record
	kinds   map[kind]int
}

// limited keeps the beginning of what is written.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	const room = 1 << 20
	if l.Len() < room {
		return l.Buffer.Write(b)
	}
	return len(b), nil
}

func (p *performance) play(t *testing.T) {
	m, err := p.open(2, &p.head)
	if err != nil {
		t.Fatal(err)
	}
	p.looks = newComparison(p.Scenario)
	p.kinds = map[kind]int{}
	m.writer.seen = func(f *network.Frame) {
		p.looks.add(f, m.writer.record.Time)
		p.sample(m.writer.record.Time, f)
	}
	tr, err := m.play(t.Context(), p.Scenario, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tr.Frames < 100 {
		t.Errorf("%d frames", tr.Frames)
	}
	for _, e := range tr.Episodes {
		happened(t, p.Scenario, tr, &e)
	}
	if strings.HasPrefix(p.Name, "combined/") {
		halfOff(t, tr)
	}
	sizeIsReal(t, p.Scenario, tr)
	nameless(t, tr, p.head.Bytes())
	wordless(t, p.head.Bytes())
	p.looks.check(t)
}

// silent are episodes that take frames away, or have none that count as theirs.
var silent = []string{"announce-suppression", "sync-removal", "gm-lost", "gm-reboot", "gm-flapping", "link-flap", "congestion", "capture-drops", "tap-step", "reroute", "standby-failover"}

// unseen are episodes whose doings no tap can see.
var unseen = []string{"downstream-delay", "boundary-delay", "delay-req-delay"}

func happened(t *testing.T, s *Scenario, tr *truth.Truth, e *truth.Episode) {
	t.Helper()
	end := tr.Start.Add(tr.Duration)
	switch {
	case e.Start.Before(tr.Start) || !e.End.After(e.Start) || e.End.After(end):
		t.Errorf("%s lasts from %v to %v", e.Name, e.Start, e.End)
	case e.First.Before(e.Start) || e.First.After(e.End):
		t.Errorf("%s begins at %v and first does something at %v", e.Name, e.Start, e.First)
	}
	sees := e.FirstFrame > 0
	if quiet := slices.Contains(silent, e.Type) || slices.Contains(unseen, e.Type) || strings.HasPrefix(s.Name, "selective-delay-client"); sees == quiet {
		t.Errorf("%s: the first frame is %d", e.Name, e.FirstFrame)
	}
	if e.Kind == truth.Attack && len(e.MaxError) < 2 {
		t.Errorf("%s: errors of %d clocks", e.Name, len(e.MaxError))
	}
}

// nameless looks for names in a capture.
func nameless(t *testing.T, tr *truth.Truth, head []byte) {
	t.Helper()
	words := []string{tr.Scenario}
	for _, c := range tr.Clocks {
		words = append(words, c.Name)
	}
	for _, e := range tr.Episodes {
		words = append(words, e.Name)
	}
	for _, w := range words {
		if len(w) > 3 && bytes.Contains(head, []byte(w)) {
			t.Errorf("the capture has the word %q", w)
		}
	}
	interfaces := regexp.MustCompile(`^(eth|trunk)[0-9]$`)
	for _, i := range tr.Interfaces {
		if !interfaces.MatchString(i.Name) {
			t.Errorf("an interface is called %q", i.Name)
		}
	}
}

// wordless checks that a pcapng file has nothing but packets beside its head:
// no comment, no flags, no other block that could tell them apart.
func wordless(t *testing.T, head []byte) {
	t.Helper()
	const section, description, enhanced = 0x0A0D0D0A, 1, 6
	packets := 0
	for len(head) >= 24 {
		kind, length := binary.LittleEndian.Uint32(head), int(binary.LittleEndian.Uint32(head[4:]))
		if length < 12 || length > len(head) {
			break // cut off
		}
		switch captured := int(binary.LittleEndian.Uint32(head[20:])); {
		case kind == enhanced:
			packets++
			if length != 32+(captured+3)/4*4 {
				t.Fatalf("packet %d has %d octets beside itself", packets, length-32-captured)
			}
		case kind != section && kind != description || packets > 0:
			t.Fatalf("after %d packets there is a block of type %#x", packets, kind)
		}
		head = head[length:]
	}
	if packets < 100 {
		t.Errorf("%d packets", packets)
	}
}

// kind is what frames are of a kind by, to tshark.
type kind struct {
	episode int
	source  packet.MAC
	message ptp.MessageType
	flags   ptp.Flags
	length  int // of the TLVs
	raw     bool
}

// sample keeps some frames of each kind.
func (p *performance) sample(ns int64, f *network.Frame) {
	m := &f.Message
	k := kind{f.Episode, f.Source, m.Type, m.Flags, len(m.TLVs), f.Raw != nil}
	if p.kinds[k]++; p.kinds[k] <= 5 || k.raw && p.kinds[k] <= 50 {
		p.samples = append(p.samples, capture.Record{Time: ns, Data: f.AppendWire(nil)})
	}
}

// tshark decodes the samples. What is broken on purpose it must complain of.
func tshark(t *testing.T, all []*performance) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Fatal("tshark is not installed: make deps installs it")
	}
	file := filepath.Join(t.TempDir(), "samples.pcapng")
	names := medley(t, file, all)
	out, err := exec.CommandContext(t.Context(), "tshark", "-r", file, "-Y", "_ws.expert || _ws.malformed",
		"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message").Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	spoiled := 0
	for line := range strings.Lines(string(out)) {
		number, complaint, _ := strings.Cut(strings.TrimSpace(line), "\t")
		n, err := strconv.Atoi(number)
		if err != nil || n > len(names) {
			t.Fatalf("tshark says %q", line)
		}
		if strings.HasPrefix(names[n-1], "fuzz/") {
			spoiled++
		} else {
			t.Errorf("%s: %s", names[n-1], complaint)
		}
	}
	if spoiled < 50 {
		t.Errorf("tshark complains of %d frames that are broken on purpose", spoiled)
	}
	t.Logf("%d frames", len(names))
}

// medley writes the samples of all scenarios and returns, for each frame,
// which it is of.
func medley(t *testing.T, file string, all []*performance) (names []string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := capture.NewWriter(f, "ptpwatch")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.AddInterface("eth0", capture.LinkEthernet); err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		for i := range p.samples {
			names = append(names, p.Name)
			if err := out.Write(0, &p.samples[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return names
}
