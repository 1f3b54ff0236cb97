package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/evidence"
)

// beginning is what a replay goes on from: a state, or evidence, or nothing.
type beginning struct {
	state    *analysis.State
	evidence *evidence.Document
}

// readState reads what --save-state wrote, or the JSON file of an evidence; "" is
// none.
func readState(file string) (beginning, error) {
	if file == "" {
		return beginning{}, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return beginning{}, fmt.Errorf("state: %w", err)
	}
	var is struct{ Frames json.RawMessage }
	if json.Unmarshal(data, &is) == nil && is.Frames != nil {
		d, err := evidence.Decode(data)
		if err != nil {
			return beginning{}, fmt.Errorf("state: %s: %w", file, err)
		}
		return beginning{evidence: d}, checkVersion(file, d.State)
	}
	s, err := decodeState(file, data)
	return beginning{state: s}, err
}

func decodeState(file string, data []byte) (*analysis.State, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var s analysis.State
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("state: %s: %w: accepted is what replay --save-state writes", file, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("state: %s: more than one JSON value: accepted is what replay --save-state writes", file)
	}
	return &s, checkVersion(file, &s)
}

func checkVersion(file string, s *analysis.State) error {
	if s.Version != analysis.StateVersion {
		return fmt.Errorf("state: %s: version %d: accepted is %d", file, s.Version, analysis.StateVersion)
	}
	return nil
}

// writeState writes s to file, or leaves what was there.
func writeState(file string, s *analysis.State) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	defer os.Remove(f.Name()) // gone by then unless something fails
	_, err = f.Write(append(data, '\n'))
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}
