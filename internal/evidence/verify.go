package evidence

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// Report is what Verify found.
type Report struct {
	Journal     *journal.Chain // nil where none was looked at
	Evidence    int            // sound or not
	First, Last uint64         // numbers of evidence; 0 where there is none
	Head        journal.Hash   // of the newest JSON file
	Breaks      []Break        // in the journal first, then by evidence
	Notes       []string       // what is no break and good to know
}

// Break is a link that does not hold.
type Break = journal.Break

// Verify holds the evidence in a folder against itself, the journal in another
// against itself, and the two against each other; "" is a folder that is not
// there.
func Verify(folder, journalFolder string) (*Report, error) {
	v := verifier{folder: folder, kept: make(map[uint64]kept), hashes: make(map[uint64]journal.Hash), removed: make(map[uint64]bool)}
	// The agent may be writing: the journal has a record of all that was there
	// before it is read, and what is gone or new since is no break.
	var entries []entry
	var parts []string
	var err error
	if folder != "" {
		if entries, parts, err = list(folder); err != nil {
			return nil, err
		}
	}
	if journalFolder != "" {
		chain, err := journal.Verify(journalFolder, v.record)
		if err != nil {
			return nil, err
		}
		v.Journal, v.Breaks = chain, chain.Breaks
		if chain.First > 1 {
			v.note("the journal begins with record %d: older ones are gone, as they are in time (journal.max_age, journal.max_bytes)", chain.First)
		}
		if chain.Torn > 0 {
			v.note("the journal ends in half a line of %d octets, which a crash leaves: nobody was told that it is on record", chain.Torn)
		}
	}
	for _, name := range parts {
		v.note("%s: half written, and not evidence yet", name)
	}
	for _, e := range entries {
		v.entry(&e)
	}
	v.lost()
	return &v.Report, nil
}

// kept is what the journal says of an evidence.
type kept struct {
	Record
	seq uint64 // of the journal's record
}

type verifier struct {
	Report
	folder  string
	kept    map[uint64]kept // by number
	order   []uint64
	hashes  map[uint64]journal.Hash // of the journal's records, by number
	removed map[uint64]bool
	gaps    bool     // in the journal, which there was no room for
	unsaid  []string // evidence that the journal should tell of and does not
	next    uint64   // the evidence that should come
	newest  string   // the name of the one that came last
}

func (v *verifier) note(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}

func (v *verifier) broken(file, format string, args ...any) {
	v.Breaks = append(v.Breaks, Break{File: file, Text: fmt.Sprintf(format, args...)})
}

// record takes in a record of the journal.
func (v *verifier) record(r *journal.Record, hash journal.Hash) {
	v.hashes[r.Seq] = hash
	v.gaps = v.gaps || r.Kind == journal.Lost
	if r.Kind != journal.Evidence {
		return
	}
	var e Record
	if json.Unmarshal(r.Data, &e) != nil || e.Seq == 0 {
		return // of a later version
	}
	switch {
	case e.Event == Removed:
		v.removed[e.Seq] = true
	case e.SHA256 != nil:
		if _, known := v.kept[e.Seq]; !known {
			v.order = append(v.order, e.Seq)
		}
		v.kept[e.Seq] = kept{e, r.Seq}
	}
}

// entry verifies one evidence.
func (v *verifier) entry(e *entry) {
	name := e.name + documentSuffix
	if !e.document {
		v.note("%s: there is no %s beside it: not evidence, or no longer", e.name+frameSuffix, name)
		return
	}
	v.Evidence++
	switch {
	case v.First == 0:
		v.First = e.seq
	case e.seq < v.next:
		v.broken(name, "evidence %d is there twice", e.seq)
	case e.seq == v.next+1:
		v.missing(name, v.next, v.next)
	case e.seq > v.next:
		v.missing(name, v.next, e.seq-1)
	}
	d, hash, err := read(filepath.Join(v.folder, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.note("%s: removed meanwhile", name)
	case err != nil && d == nil && hash == (journal.Hash{}):
		v.broken(name, "it cannot be read: %v", err)
	default:
		v.document(name, e, d, hash, err)
	}
	v.Last, v.Head, v.next, v.newest = e.seq, hash, e.seq+1, name
}

// missing says that evidence from one number to another is not there.
func (v *verifier) missing(name string, from, to uint64) {
	for n := from; n <= to; n++ {
		if !v.removed[n] {
			v.broken(name, "evidence %s before it is missing, and the journal does not tell that it was removed", span(from, to))
			return
		}
	}
}

func span(from, to uint64) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d to %d", from, to)
}

func records(from, to uint64) string {
	if from == to {
		return fmt.Sprintf("record %d is", from)
	}
	return fmt.Sprintf("records %d to %d are", from, to)
}

// document holds a JSON file against all that tells of it, and its pcapng file
// against it.
func (v *verifier) document(name string, e *entry, d *Document, hash journal.Hash, err error) {
	if k, known := v.kept[e.seq]; known && (k.File != name || *k.SHA256 != hash) {
		v.broken(name, "it is not as it was written: record %d of the journal tells of %s with SHA-256 %s, this has %s", k.seq, k.File, k.SHA256, hash)
	} else if err != nil {
		v.broken(name, "it is not as it was written: %v", err)
	}
	if d == nil {
		return
	}
	switch {
	case d.Seq != e.seq:
		v.broken(name, "it says that it is evidence %d", d.Seq)
	case d.Seq == 1 && d.Prev != (journal.Hash{}):
		v.broken(name, "evidence 1 names one before it")
	case v.next == e.seq && d.Prev != v.Head:
		v.broken(name, "it was written after another evidence %d than the one before it: evidence %d as it was written is missing", e.seq-1, e.seq-1)
	}
	v.pcapng(name, e, d)
	v.journalHead(name, d)
}

func (v *verifier) pcapng(name string, e *entry, d *Document) {
	file := d.Frames.File
	if file != e.name+frameSuffix {
		v.broken(name, "it says that its frames are in %s", file)
		return
	}
	size, hash, err := hashFile(filepath.Join(v.folder, file))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if v.removed[e.seq] {
			v.note("%s: about to be removed", file)
			return
		}
		v.broken(name, "its frames are missing: there is no %s", file)
	case err != nil:
		v.broken(file, "it cannot be read: %v", err)
	case size < d.Frames.Bytes:
		v.broken(file, "it is not as it was written: the last %d of %d octets are missing, or others", d.Frames.Bytes-size, d.Frames.Bytes)
	case size != d.Frames.Bytes || hash != d.Frames.SHA256:
		v.broken(file, "it is not as it was written: %s says %d octets with SHA-256 %s, this has %d with %s", name, d.Frames.Bytes, d.Frames.SHA256, size, hash)
	}
}

// journalHead holds the journal against what an evidence says of it: its end
// cannot be cut off without a trace.
func (v *verifier) journalHead(name string, d *Document) {
	if v.Journal == nil || d.Journal == nil {
		return
	}
	head := *d.Journal
	hash, there := v.hashes[head.Seq]
	switch {
	case head.Seq > v.Journal.Last:
		v.broken("journal", "it ends with record %d, and had %d when %s was written: %s missing", v.Journal.Last, head.Seq, name, records(v.Journal.Last+1, head.Seq))
	case there && hash != head.Hash:
		v.broken("journal", "record %d is not the one that was there when %s was written", head.Seq, name)
	}
	if _, told := v.kept[d.Seq]; !told && there {
		v.unsaid = append(v.unsaid, name)
	}
}

// lost finds the evidence that only the journal tells of.
func (v *verifier) lost() {
	for _, seq := range v.order {
		k := v.kept[seq]
		if gone := v.First == 0 || seq < v.First || seq > v.Last; gone && !v.removed[seq] && !v.there(k.File) {
			v.broken(k.File, "evidence %d is missing: record %d of the journal tells of it, and none that it was removed", seq, k.seq)
		}
	}
	for i, name := range v.unsaid {
		if v.gaps || i == len(v.unsaid)-1 && name == v.newest {
			v.note("%s: the journal does not tell of it: its record was lost, or is still to come", name)
		} else {
			v.broken(name, "the journal does not tell of it: it does not belong here, or a record is missing")
		}
	}
	if v.First > 1 && v.Journal == nil {
		v.note("the evidence begins with %d: older is gone, as it is in time (evidence.max_bytes, evidence.max_age); the journal would tell", v.First)
	}
}

// there says whether a file has come since the folder was listed.
func (v *verifier) there(name string) bool {
	if v.folder == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(v.folder, filepath.Base(name)))
	return err == nil
}

func hashFile(path string) (size int64, hash journal.Hash, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, hash, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return size, journal.Hash(h.Sum(nil)), err
}
