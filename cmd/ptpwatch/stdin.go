package main

import (
	"context"
	"errors"
	"io"
)

// errInterrupted is what reading ends with when a signal ends it.
var errInterrupted = errors.New("interrupted")

// interruptible is a reader whose Read returns when ctx ends, though r, a pipe
// that nobody writes to, may never do.
type interruptible struct {
	ctx    context.Context
	chunks <-chan chunk
	rest   chunk // what Read has not handed on yet
}

type chunk struct {
	data []byte
	err  error
}

func newInterruptible(ctx context.Context, r io.Reader) *interruptible {
	chunks := make(chan chunk)
	in := &interruptible{ctx: ctx, chunks: chunks}
	go func() {
		defer close(chunks)
		for {
			b := make([]byte, 256<<10)
			n, err := r.Read(b)
			select {
			case chunks <- chunk{b[:n], err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return in
}

func (in *interruptible) Read(p []byte) (int, error) {
	if len(in.rest.data) == 0 && in.rest.err == nil {
		select {
		case c, ok := <-in.chunks:
			if !ok {
				return 0, errInterrupted
			}
			in.rest = c
		case <-in.ctx.Done():
			return 0, errInterrupted
		}
	}
	n := copy(p, in.rest.data)
	in.rest.data = in.rest.data[n:]
	if len(in.rest.data) == 0 && in.rest.err != nil {
		return n, in.rest.err
	}
	return n, nil
}
