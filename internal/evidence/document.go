package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// Version is the version of Document that this program writes and reads.
const Version = 1

// Document is the JSON file of an evidence.
type Document struct {
	Version int          `json:"version"`
	Seq     uint64       `json:"seq"`  // counts the evidence of a folder, from 1
	Prev    journal.Hash `json:"prev"` // SHA-256 of the JSON file before; zeros where there never was one
	// Journal is the last record of the journal when this was written; nil where
	// no journal is kept.
	Journal *journal.Head `json:"journal,omitempty"`
	Agent   string        `json:"agent"` // that wrote it: "ptpwatch 1.0"

	Alerts []Alert `json:"alerts"`         // in the order they were raised
	More   uint64  `json:"more,omitempty"` // alerts there was no room for
	Frames Frames  `json:"frames"`

	// Settings, Naming and State are what the alerts were judged by: the
	// configuration, and where the analysis was before the first of the frames.
	Settings analysis.Config `json:"settings"`
	Naming   capture.Naming  `json:"naming"`
	State    *analysis.State `json:"state"`
}

// Alert is an alert of an evidence.
type Alert struct {
	Frame uint64          `json:"frame,omitempty"` // that raised it, 1-based in the pcapng file; 0 when silence did, or it is not in there
	Event json.RawMessage `json:"event"`           // as the journal has it
}

// Frames is the pcapng file of an evidence.
type Frames struct {
	File   string       `json:"file"` // in the same folder
	Bytes  int64        `json:"bytes"`
	SHA256 journal.Hash `json:"sha256"`
	Count  uint64       `json:"count"`
	From   time.Time    `json:"from"`          // the first is no older
	Until  time.Time    `json:"until"`         // silence up to here is silence of the network
	Cut    string       `json:"cut,omitempty"` // why they are fewer than asked for
}

// maxDocument is more than full tables take.
const maxDocument = 256 << 20

// Read reads the JSON file of an evidence.
func Read(path string) (*Document, error) {
	d, _, err := read(path)
	return d, err
}

// read gives the hash of the file as well, whatever is in it.
func read(path string) (*Document, journal.Hash, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, journal.Hash{}, err
	}
	d, err := Decode(data)
	if err != nil {
		return nil, journal.HashOf(data), fmt.Errorf("%s: %w", path, err)
	}
	return d, journal.HashOf(data), nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = fmt.Errorf("%s is larger than %d MiB", path, maxDocument>>20)
	}
	return data, err
}

// ErrVersion is the error of a Document of another version than Version.
var ErrVersion = errors.New("not of the version that this program reads")

// Decode reads a Document.
func Decode(data []byte) (*Document, error) {
	var d Document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, err
	}
	switch {
	case d.Version != Version:
		return nil, fmt.Errorf("evidence of version %d: %w, %d", d.Version, ErrVersion, Version)
	case d.Seq == 0 || d.State == nil || d.Frames.File == "" || filepath.Base(d.Frames.File) != d.Frames.File:
		return nil, errors.New("not evidence: seq, state or frames are missing")
	}
	return &d, nil
}
