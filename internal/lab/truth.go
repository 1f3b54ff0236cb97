//go:build linux

package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Truth is what really happened while a recording was made: what a judge holds
// alerts against.
type Truth struct {
	Attack string    `json:"attack"`
	Start  time.Time `json:"start"` // of the attack, UTC
	End    time.Time `json:"end"`
	// First is the recording's time of the first frame that the attack sent or
	// touched, and FirstFrame that frame's number in it, from 1; null and 0
	// where there is none.
	First      *time.Time `json:"first"`
	FirstFrame uint64     `json:"first_frame"`
	// Attacker is the port identity that the attack shows on the wire; "" where
	// it shows none of its own.
	Attacker string `json:"attacker"`
	// Direction is forward (from the grandmaster), reverse, both or "".
	Direction string `json:"direction"`
	Network   string `json:"network"` // interface of the recording where alerts are due
	Domain    uint8  `json:"domain"`
	// Alerts are those that answer it.
	Alerts     []string       `json:"alerts"`
	Parameters map[string]any `json:"parameters"`
	Frames     uint64         `json:"frames"` // in the recording
}

func (t *Truth) write(name string) error {
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.WriteFile(name, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}
