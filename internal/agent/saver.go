package agent

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/state"
)

// saver keeps the newest of the values it is given in a file. It writes in a
// goroutine of its own: nobody who gives it one waits for the disk.
type saver struct {
	file state.File
	log  *slog.Logger
	wake chan struct{}

	mu      sync.Mutex
	value   any
	given   uint64        // values so far
	written uint64        // the newest of them on the disk
	turn    chan struct{} // closed when an attempt has ended
	fault   error         // of the last attempt
	saves   saves
}

// saves counts attempts.
type saves struct{ Done, Failed uint64 }

// saveAgain is when a file that could not be written is tried again.
const saveAgain = time.Second

func newSaver(f state.File, log *slog.Logger) *saver {
	return &saver{file: f, log: log, wake: make(chan struct{}, 1), turn: make(chan struct{})}
}

// put has a value saved that nobody changes any more, and returns its number.
func (s *saver) put(v any) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value = v
	s.given++
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return s.given
}

// wait returns when the value of that number, or a newer one, is on the disk, or
// was refused by it.
func (s *saver) wait(ctx context.Context, number uint64) error {
	for {
		s.mu.Lock()
		done, fault, turn := s.written >= number, s.fault, s.turn
		s.mu.Unlock()
		switch {
		case done:
			return nil
		case fault != nil:
			return fault
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return fmt.Errorf("save %s: %w", s.file.Path(), context.Cause(ctx))
		}
	}
}

// run writes what it is given until ctx ends and the newest is written, or
// cannot be.
func (s *saver) run(ctx context.Context) {
	again := time.NewTicker(saveAgain)
	defer again.Stop()
	for {
		select {
		case <-s.wake:
			s.save()
		case <-again.C:
			if s.failing() != nil {
				s.save()
			}
		case <-ctx.Done():
			s.save()
			return
		}
	}
}

// save writes the newest value unless it is written already.
func (s *saver) save() {
	s.mu.Lock()
	value, number := s.value, s.given
	clean := s.written == number
	s.mu.Unlock()
	if clean {
		return
	}
	err := s.file.Write(value)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.written = number
		s.saves.Done++
		if s.given == number {
			s.value = nil // it may be large
		}
	} else {
		s.saves.Failed++
	}
	switch {
	case err != nil && s.fault == nil:
		s.log.Error("state cannot be saved, it is tried every second", "error", err)
	case err == nil && s.fault != nil:
		s.log.Info("state is saved again", "file", s.file.Path())
	}
	s.fault = err
	close(s.turn)
	s.turn = make(chan struct{})
}

// failing is why the last attempt failed; nil when it did not.
func (s *saver) failing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

func (s *saver) counts() saves {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saves
}
