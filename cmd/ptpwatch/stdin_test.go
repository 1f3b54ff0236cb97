package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"
)

func TestInterruptible(t *testing.T) {
	data := bytes.Repeat([]byte("ptp"), 300_000) // more than a chunk
	for name, r := range map[string]io.Reader{
		"whole":                 bytes.NewReader(data),
		"octet by octet":        iotest.OneByteReader(bytes.NewReader(data[:1000])),
		"last data with an EOF": iotest.DataErrReader(bytes.NewReader(data)),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := io.ReadAll(newInterruptible(t.Context(), r))
			if err != nil || !bytes.Equal(got, data[:len(got)]) || len(got) < 1000 || name != "octet by octet" && len(got) != len(data) {
				t.Errorf("%d octets, error %v", len(got), err)
			}
		})
	}
	broken := errors.New("broken")
	if _, err := io.ReadAll(newInterruptible(t.Context(), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

func TestInterruptibleEndsWithItsContext(t *testing.T) {
	silent, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := newInterruptible(ctx, silent).Read(make([]byte, 1)); !errors.Is(err, errInterrupted) {
		t.Errorf("got %v, want %v", err, errInterrupted)
	}
}
