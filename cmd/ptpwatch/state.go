package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// readState reads what --save-state wrote; "" is none.
func readState(file string) (*analysis.State, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	var s analysis.State
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("state: %s: %w: accepted is what replay --save-state writes", file, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("state: %s: more than one JSON value: accepted is what replay --save-state writes", file)
	}
	if s.Version != analysis.StateVersion {
		return nil, fmt.Errorf("state: %s: version %d: accepted is %d", file, s.Version, analysis.StateVersion)
	}
	return &s, nil
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
