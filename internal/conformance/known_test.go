package conformance

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const knownFile = "../../testdata/tshark-known.md"

// The chapters of knownFile whose sections TestTshark must meet.
const (
	wrongChapter  = "Read wrongly"
	unreadChapter = "Not read"
)

// A proof is what knownFile says about one message.
type proof struct {
	chapter, section string
	message          []byte
	tshark           []string // "field=value" or "field"; after "only" these and no others behind the body
	decode           []string // "name=value"
}

// proofs reads the code blocks called "proof" in knownFile, and what those
// called "proof 4.4" say of tshark only if that is at hand.
func proofs(t *testing.T) (all []proof) {
	t.Helper()
	text, err := os.ReadFile(knownFile)
	if err != nil {
		t.Fatal(err)
	}
	var p proof
	inside, about := false, "" // a version of tshark, if it is not the usual one
	for line := range strings.Lines(string(text)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case word == "##":
			p = proof{chapter: rest}
		case word == "###":
			p.section = rest
		case word == "```proof":
			inside, about = true, rest
		case word == "```" && inside:
			inside = false
			if about != "" && about != version() {
				p.tshark = nil
			}
			all = append(all, p)
		case inside && word == "message":
			if p.message, err = hex.DecodeString(strings.TrimSpace(rest)); err != nil {
				t.Fatalf("%s: %s: %v", knownFile, p.section, err)
			}
		case inside && word == "tshark":
			p.tshark = strings.Fields(rest)
		case inside && word == "decode":
			p.decode = words(rest)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s: no proofs", knownFile)
	}
	return all
}

// sections are the names of the sections of a chapter that are about the
// tshark at hand.
func sections(all []proof, chapter string) (names []string) {
	for _, p := range all {
		if p.chapter == chapter && !slices.Contains(names, p.section) {
			names = append(names, p.section)
		}
	}
	slices.Sort(names)
	return names
}

// TestKnown holds what testdata/tshark-known.md says against tshark and
// against decode.
func TestKnown(t *testing.T) {
	all := proofs(t)
	var messages [][]byte
	for _, p := range all {
		messages = append(messages, ethernet(0, p.message))
	}
	file := filepath.Join(t.TempDir(), "known.pcapng")
	write(t, file, messages)
	n := 0
	tshark(t, file, "frame", func(f *tsharkFrame) {
		if p := &all[n]; !p.holds(f) {
			surprise(t, "%s: tshark %s shows %q, and %s says %q", p.section, version(), p.about(f), knownFile, p.tshark)
		}
		n++
	})
	if n != len(all) {
		t.Errorf("tshark read %d messages of %d", n, len(all))
	}
	for i, text := range decodeText(t, file) {
		for _, want := range all[i].decode {
			if !slices.Contains(words(text), want) {
				t.Errorf("%s: decode does not print %s:\n%s", all[i].section, want, text)
			}
		}
	}
}

// holds says whether tshark shows what the proof says.
func (p *proof) holds(f *tsharkFrame) bool {
	want, only := p.tshark, false
	if len(want) > 0 && want[0] == "only" {
		want, only = want[1:], true
	}
	shown := p.shown(f)
	for _, w := range want {
		if !slices.ContainsFunc(shown, func(s string) bool { return shows(s, w) }) {
			return false
		}
	}
	return !only || len(p.behind(f)) == len(want)
}

// shows says whether shown, "field=value", is what is wanted: "field", or
// "field=value" with a number in whatever base.
func shows(shown, wanted string) bool {
	name, value, _ := strings.Cut(shown, "=")
	wantedName, wantedValue, valued := strings.Cut(wanted, "=")
	if name != wantedName || !valued || value == wantedValue {
		return name == wantedName
	}
	a, ok := integer(value)
	b, ok2 := integer(wantedValue)
	return ok && ok2 && a.Cmp(b) == 0
}

// about is what tshark shows of what the proof is about.
func (p *proof) about(f *tsharkFrame) []string {
	if slices.Contains(p.tshark, "only") {
		return p.behind(f)
	}
	return slices.DeleteFunc(p.shown(f), func(s string) bool {
		return !slices.ContainsFunc(p.tshark, func(want string) bool {
			name, _, _ := strings.Cut(want, "=")
			return shows(s, name)
		})
	})
}

// shown is every field that tshark shows of the message.
func (p *proof) shown(f *tsharkFrame) []string { return p.leaves(f, 0) }

// behind is every field behind the message's body.
func (p *proof) behind(f *tsharkFrame) []string {
	var m ptp.Message
	if ptp.Decode(p.message, &m) != nil {
		return nil
	}
	const ethernetHeader = 14
	return p.leaves(f, ethernetHeader+len(p.message)-len(m.TLVs))
}

func (p *proof) leaves(f *tsharkFrame, from int) (all []string) {
	var walk func([]tsharkField)
	walk = func(fields []tsharkField) {
		for _, field := range fields {
			if field.Name != "" && field.Position >= from {
				all = append(all, field.Name+"="+field.Show)
			}
			walk(field.Fields)
		}
	}
	for _, protocol := range f.Protocols {
		switch protocol.Name {
		case "ptp":
			walk(protocol.Fields)
		case "_ws.malformed":
			all = append(all, protocol.Name)
		}
	}
	return all
}

// decodeText is what `ptpwatch decode` prints, a string for each message.
func decodeText(t *testing.T, file string) (texts []string) {
	t.Helper()
	files, err := capture.OpenFiles([]string{file}, nil, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	for {
		var o packet.Observation
		if err := files.Next(&o); errors.Is(err, io.EOF) {
			return texts
		} else if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w, err := export.NewDecodeWriter(&out, export.Text)
		if err == nil {
			err = w.Write(&o)
		}
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, out.String())
	}
}

// write writes frames to a capture file.
func write(t *testing.T, file string, frames [][]byte) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := capture.NewWriter(out, "ptpwatch")
	if err != nil {
		t.Fatal(err)
	}
	iface, err := w.AddInterface("gen0", 1)
	for i, frame := range frames {
		if err == nil {
			err = w.Write(iface, &capture.Record{Time: 1_700_000_000_123_456_789 + int64(i)*1_000_000_007, Data: frame})
		}
	}
	if err = errors.Join(err, w.Flush(), out.Close()); err != nil {
		t.Fatal(fmt.Errorf("write %s: %w", file, err))
	}
}

// words splits at white space, but not inside quotes.
func words(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return unicode.IsSpace(r) && !quoted
	})
}
