package capture

import (
	"errors"
	"fmt"
	"io"
)

const inputBuffer = 256 << 10

// input is a stream with a window over it that grows no further than the
// largest peek, and that knows its offset.
type input struct {
	name string // for errors
	unit string // what its offsets count, for errors: "" or " of the uncompressed data"
	r    io.Reader
	err  error // what r returned last
	buf  []byte
	// buf[start:end] is read and not consumed; buf[0] is octet base of the stream.
	start, end int
	base       int64
}

func newInput(name string, r io.Reader) *input { return &input{name: name, r: r} }

func (in *input) offset() int64 { return in.base + int64(in.start) }

// peek returns the next n octets, and fewer only together with an error,
// io.EOF at the end of the stream. They hold until the next peek.
func (in *input) peek(n int) ([]byte, error) {
	if in.end-in.start >= n {
		return in.buf[in.start : in.start+n], nil
	}
	return in.fill(n)
}

func (in *input) fill(n int) ([]byte, error) {
	if n > len(in.buf) {
		buf := make([]byte, max(n, inputBuffer))
		copy(buf, in.buf[in.start:in.end])
		in.buf = buf
	} else {
		copy(in.buf, in.buf[in.start:in.end])
	}
	in.base += int64(in.start)
	in.start, in.end = 0, in.end-in.start
	for idle := 0; in.end < n && in.err == nil; idle++ {
		var m int
		m, in.err = in.r.Read(in.buf[in.end:])
		in.end += m
		if m > 0 {
			idle = 0
		} else if idle > 100 && in.err == nil {
			in.err = io.ErrNoProgress
		}
	}
	if in.end < n {
		return in.buf[:in.end], in.err
	}
	return in.buf[:n], nil
}

// advance consumes n octets that were peeked.
func (in *input) advance(n int) { in.start += n }

// skip consumes n octets without holding them.
func (in *input) skip(n int64) error {
	for n > 0 {
		step := int(min(n, inputBuffer))
		b, err := in.peek(step)
		in.advance(len(b))
		n -= int64(len(b))
		if err != nil {
			return err
		}
	}
	return nil
}

// Read makes an input the reader of a decompressor.
func (in *input) Read(p []byte) (int, error) {
	if in.start == in.end {
		if in.err != nil {
			return 0, in.err
		}
		if _, err := in.fill(1); err != nil {
			return 0, err
		}
	}
	n := copy(p, in.buf[in.start:in.end])
	in.start += n
	return n, nil
}

// faultf is an error that names file and offset.
func (in *input) faultf(offset int64, format string, args ...any) error {
	return fmt.Errorf("%s: offset %d%s: %w", in.name, offset, in.unit, fmt.Errorf(format, args...))
}

// cut is the error of a peek that wanted the want octets of what at offset and
// got fewer: because the file ends there, or because reading it failed.
func (in *input) cut(offset int64, got, want int64, what string) error {
	if in.err == nil || errors.Is(in.err, io.EOF) {
		return in.faultf(offset, "the file ends %d octets into %s of %d", got, what, want)
	}
	return in.faultf(in.base+int64(in.end), "read: %w", in.err)
}
