package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// decode is what `ptpwatch decode --format jsonl` prints of a capture, by
// frame number.
func decode(t *testing.T, file string) map[string]map[string]any {
	t.Helper()
	files, err := capture.OpenFiles([]string{file}, nil, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	var out bytes.Buffer
	w, err := export.NewDecodeWriter(&out, export.JSONL)
	if err != nil {
		t.Fatal(err)
	}
	for {
		var o packet.Observation
		if err := files.Next(&o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&o); err != nil {
			t.Fatal(err)
		}
	}
	frames := map[string]map[string]any{}
	for d := json.NewDecoder(&out); d.More(); {
		d.UseNumber()
		var r map[string]any
		if err := d.Decode(&r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		frames[string(r["frame"].(json.Number))] = r
	}
	return frames
}

// judge compares and keeps the score.
type judge struct {
	*testing.T
	compared map[string]int // by tshark's field
	faults   map[string]int // by section of tshark-known.md
	strange  map[string]bool
	read     map[string]bool // by kind of TLV: did tshark read one
}

// kind is what a TLV is, "MANAGEMENT PRIORITY1", and whether it has fields
// that say more.
func kind(tlv map[string]any) (name string, more bool) {
	name = fmt.Sprint(tlv["tlv_type"])
	if name == "MANAGEMENT" {
		name += fmt.Sprint(" ", tlv["management_id"])
	}
	for field := range tlv {
		more = more || !general[field]
	}
	return name, more
}

// general are the fields by which a TLV is known, and those that decode does
// not look into.
var general = map[string]bool{
	"tlv_type": true, "length_field": true, "organization_id": true, "organization_sub_type": true, "management_id": true,
	"value": true, "data_field": true, "pad": true, "surplus": true,
}

// frame compares one frame.
func (j *judge) frame(record map[string]any, f *tsharkFrame) {
	s := &scan{judge: j, record: record, taken: map[string]int{}}
	for i := range f.Protocols {
		p := &f.Protocols[i]
		if p.Name == "ptp" {
			s.table = fields
			s.placeTLVs(p.Position)
			s.all(p.Fields, s.record)
		} else {
			s.table = linkFields
			s.all(p.Fields, nil)
		}
	}
}

// scan goes through the fields of one frame.
type scan struct {
	*judge
	record map[string]any
	table  map[string]field
	places []place
	taken  map[string]int // how often a field was seen, by name and where
}

// place is where in the frame a TLV is.
type place struct {
	begin, end int
	tlv        map[string]any
}

// placeTLVs finds the TLVs of the message that begins at octet begin.
func (s *scan) placeTLVs(begin int) {
	tlvs, _ := s.record["tlvs"].([]any)
	end := begin + count(s.record["message_length"])
	for _, tlv := range slices.Backward(tlvs) {
		o := tlv.(map[string]any)
		start := end - 4 - count(o["length_field"])
		s.places = append(s.places, place{start, end, o})
		if name, more := kind(o); more && !s.read[name] {
			s.read[name] = false // nothing of it was compared so far
		}
		end = start
	}
}

func count(v any) int {
	n, _ := v.(json.Number)
	i, _ := strconv.Atoi(n.String())
	return i
}

// all compares fields that belong to scope: the message, a TLV of it or, of
// the protocols below, nil. What is inside a field of a TLV is of that TLV,
// whatever its position: for some tshark gives one out of nowhere.
func (s *scan) all(fields []tsharkField, scope map[string]any) {
	for i := range fields {
		f, scope := &fields[i], scope
		inMessage := scope != nil && scope["tlv_type"] == nil
		if tlv := s.tlvAt(f.Position); inMessage && tlv != nil {
			scope = tlv
		}
		id, _ := scope["management_id"].(string)
		if known, ok := s.table[id+" "+f.Name]; ok {
			s.compare(f, known, id+" "+f.Name, scope)
		} else if known, ok := s.table[f.Name]; ok {
			s.compare(f, known, f.Name, scope)
		} else if scope != nil && !idle(f.Name) {
			s.strange[f.Name] = true
		}
		s.all(f.Fields, scope)
	}
}

// tlvAt is the TLV that an octet of the frame is in, or nil.
func (s *scan) tlvAt(octet int) map[string]any {
	for _, p := range s.places {
		if p.begin <= octet && octet < p.end {
			return p.tlv
		}
	}
	return nil
}

// idle says whether a field that is not in the tables tells nothing: a
// heading, a remark, what tshark works out from several messages.
func idle(name string) bool {
	return name == "" || notOurs[name] != "" || strings.HasPrefix(name, "_ws.") || strings.HasPrefix(name, "ptp.v2.analysis.")
}

func (s *scan) compare(f *tsharkField, known field, name string, scope map[string]any) {
	if scope == nil {
		scope = s.record
	}
	turn := fmt.Sprintf("%p %s", scope, known.path)
	ours := find(scope, known.path, s.taken[turn])
	s.taken[turn]++
	switch {
	case known.same(ours, f.Show):
		s.compared[name]++
		if name, _ := kind(scope); !general[strings.TrimSuffix(known.path, "[]")] {
			s.read[name] = true
		}
	case known.wrong != nil && known.wrong(scope, ours, f.Show):
		s.faults[known.fault]++
	default:
		s.Errorf("frame %v, %v: tshark's %s is %q, our %s %v", s.record["frame"], scope["tlv_type"], f.Name, f.Show, known.path, ours)
	}
}

// find follows a path; n says whose turn it is in a list.
func find(o map[string]any, path string, n int) any {
	for alternative := range strings.SplitSeq(path, "|") {
		var v any = o
		for step := range strings.SplitSeq(alternative, ".") {
			name, isList := strings.CutSuffix(step, "[]")
			inner, _ := v.(map[string]any)
			v = inner[name]
			if elements, ok := v.([]any); isList && ok {
				v = nil
				if n < len(elements) {
					v = elements[n]
				}
			}
		}
		if v != nil {
			return v
		}
	}
	return nil
}

func epoch(ours any, show string) bool {
	s, _ := ours.(string)
	at, err := time.Parse(time.RFC3339Nano, s)
	whole, fraction, _ := strings.Cut(show, ".")
	return err == nil && strconv.FormatInt(at.Unix(), 10) == whole && strconv.Itoa(1e9 + at.Nanosecond())[1:] == fraction
}

// TestTshark compares every field that both name, in every capture of the
// project and in the generated set.
func TestTshark(t *testing.T) {
	captures, err := filepath.Glob("../../testdata/captures/*.pcap*")
	if err != nil || len(captures) == 0 {
		t.Fatalf("captures: %v, %v", captures, err)
	}
	j := &judge{T: t, compared: map[string]int{}, faults: map[string]int{}, strange: map[string]bool{}, read: map[string]bool{}}
	for _, file := range append(captures, "../agent/demo/demo.pcapng.gz", generate(t)) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			j := *j
			j.T = t
			ours := decode(t, file)
			tshark(t, file, ptpOnly, func(f *tsharkFrame) { j.either(ours, f) })
			for number, record := range ours {
				t.Errorf("frame %s: tshark finds no PTP in %v", number, record)
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(j.strange)) {
		surprise(t, "tshark names %s: say in the tables here what decode calls it", name)
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(linkFields))) {
		if _, newer := newerFields[name]; !newer && j.compared[name] == 0 && j.faults[fields[name].fault] == 0 {
			surprise(t, "%s was never compared", name)
		}
	}
	j.known(proofs(t))
	t.Logf("compared %d fields; %v", len(j.compared), j.faults)
}

// either takes the record of tshark's frame from ours and compares.
func (j *judge) either(ours map[string]map[string]any, f *tsharkFrame) {
	number := ""
	for _, p := range f.Protocols {
		for _, field := range p.Fields {
			if field.Name == "frame.number" {
				number = field.Show
			}
		}
	}
	if record := ours[number]; record != nil {
		delete(ours, number)
		j.frame(record, f)
		return
	}
	j.Errorf("frame %s: tshark finds PTP and decode does not", number)
}

// known holds the faults that were met against those that are known.
func (j *judge) known(all []proof) {
	var unread []string
	for name, read := range j.read {
		if !read {
			unread = append(unread, name)
		}
	}
	slices.Sort(unread)
	if diff := cmp.Diff(sections(all, unreadChapter), unread); diff != "" {
		surprise(j.T, "TLVs that tshark %s does not read (-known +met):\n%s", version(), diff)
	}
	if diff := cmp.Diff(sections(all, wrongChapter), slices.Sorted(maps.Keys(j.faults))); diff != "" {
		surprise(j.T, "faults of tshark %s (-known +met):\n%s", version(), diff)
	}
}
