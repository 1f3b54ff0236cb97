package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Chain is what the chain of a journal was found to be like.
type Chain struct {
	Files       int
	Hashes      []FileHash
	Records     uint64
	First, Last uint64 // numbers of records; 0 where there is none
	Head        Hash   // of the last record's line
	Torn        int64  // octets of half a line at the end, which nobody was told is recorded
	Breaks      []Break
}

// FileHash is the hash of all of a file.
type FileHash struct {
	File   string
	Bytes  int64
	SHA256 Hash
}

// Break is a link of a chain that does not hold.
type Break struct {
	File string
	Line int    // 1-based; 0 where it is about the whole file
	Text string // what is wrong, and what is missing
}

func (b Break) String() string {
	if b.Line == 0 {
		return fmt.Sprintf("%s: %s", b.File, b.Text)
	}
	return fmt.Sprintf("%s: line %d: %s", b.File, b.Line, b.Text)
}

// maxBreaks bounds what is told of a journal that was cut to pieces.
const maxBreaks = 1000

// Verify holds every record of the journal in a folder against the one before
// it, and shows it to each, unless that is nil, with the hash of its line. The
// oldest records of a journal may be gone: it is kept to a size and an age.
func Verify(dir string, each func(r *Record, hash Hash)) (*Chain, error) {
	list, err := segments(dir)
	if err != nil {
		return nil, err
	}
	v := verifier{each: each}
	for i, s := range list {
		data, err := os.ReadFile(s.path)
		if err != nil {
			return nil, err
		}
		v.segment(filepath.Base(s.path), data, i == len(list)-1)
	}
	return &v.Chain, nil
}

// verifier walks a journal.
type verifier struct {
	Chain
	each func(*Record, Hash)
	file string
	line int
}

func (v *verifier) broken(format string, args ...any) {
	if len(v.Breaks) < maxBreaks {
		v.Breaks = append(v.Breaks, Break{v.file, v.line, fmt.Sprintf(format, args...)})
	}
}

func (v *verifier) segment(name string, data []byte, newest bool) {
	v.Files++
	v.Hashes = append(v.Hashes, FileHash{name, int64(len(data)), HashOf(data)})
	v.file, v.line = name, 0
	var first uint64
	if _, err := fmt.Sscanf(name, segmentPrefix+"%d"+segmentSuffix, &first); err != nil {
		v.broken("its name does not tell the number of its first record")
	}
	for began := false; len(data) > 0; {
		line, rest, whole := bytes.Cut(data, []byte{'\n'})
		v.line++
		if !whole {
			if v.Torn = int64(len(line)); !newest {
				v.broken("half a line, and the journal goes on in another file: the end of this one is missing")
			}
			return
		}
		data = rest
		r, err := parse(line)
		if err != nil {
			v.broken("no record: %v: what was here, after record %d, is missing", err, v.Last)
			continue
		}
		if !began && first != 0 && r.Seq != first {
			v.broken("record %d is the first of a file that was named for record %d", r.Seq, first)
		}
		began = true
		v.record(&r, HashOf(line))
	}
}

func (v *verifier) record(r *Record, hash Hash) {
	switch before := v.Last; {
	case v.Records == 0:
		v.First = r.Seq
		if r.Seq == 1 && r.Prev != (Hash{}) {
			v.broken("record 1 names one before it")
		}
	case r.Seq == before+2:
		v.broken("record %d follows record %d: record %d is missing", r.Seq, before, before+1)
	case r.Seq > before+1:
		v.broken("record %d follows record %d: records %d to %d are missing", r.Seq, before, before+1, r.Seq-1)
	case r.Seq <= before:
		v.broken("record %d follows record %d: one of the two does not belong here", r.Seq, before)
	case r.Prev != v.Head:
		v.broken("record %d was written after another record %d than the one before it: record %d as it was written is missing", r.Seq, before, before)
	}
	v.Records++
	v.Last, v.Head = r.Seq, hash
	if v.each != nil {
		v.each(r, hash)
	}
}
