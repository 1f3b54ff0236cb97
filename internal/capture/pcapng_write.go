package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Writer writes a pcapng file of one section with nanosecond times. What it is
// given it keeps until Flush in a buffer of its own.
type Writer struct {
	w          io.Writer
	buf        []byte
	interfaces int
}

const writeBuffer = 256 << 10

// NewWriter starts a section that names the application that wrote it. The
// first error of w is returned by whatever call meets it.
func NewWriter(w io.Writer, application string) (*Writer, error) {
	wr := &Writer{w: w, buf: make([]byte, 0, 2*writeBuffer)}
	b, start := wr.block(blockSection)
	b = binary.LittleEndian.AppendUint32(b, byteOrderMagic)
	b = append(b, 1, 0, 0, 0)                               // version 1.0
	b = binary.LittleEndian.AppendUint64(b, math.MaxUint64) // section length not given
	b, err := appendOption(b, optApplication, application)
	if err != nil {
		return nil, fmt.Errorf("pcapng application: %w", err)
	}
	return wr, wr.finish(start, endOptions(b))
}

// AddInterface describes an interface and returns the number that Write knows
// it by.
func (w *Writer) AddInterface(name string, link LinkType) (int, error) {
	switch {
	case w.interfaces == maxInterfaces:
		return 0, fmt.Errorf("pcapng interface %q: at most %d are accepted", name, maxInterfaces)
	case len(name) > maxNameLength:
		return 0, fmt.Errorf("pcapng interface: a name of %d octets: at most %d are accepted", len(name), maxNameLength)
	}
	b, start := w.block(blockInterface)
	b = binary.LittleEndian.AppendUint32(b, uint32(link))
	b = binary.LittleEndian.AppendUint32(b, maxPacket)
	b, err := appendOption(b, optInterfaceName, name)
	if err != nil {
		return 0, fmt.Errorf("pcapng interface: %w", err)
	}
	b = append(b, optTimeResolution, 0, 1, 0, 9, 0, 0, 0)
	w.interfaces++
	return w.interfaces - 1, w.finish(start, endOptions(b))
}

// Write adds a frame: its Time, Direction, Data, Comment and, where it is not
// zero, Length. It fails for what a Reader would not take back.
func (w *Writer) Write(iface int, r *Record) error {
	switch {
	case iface < 0 || iface >= w.interfaces:
		return fmt.Errorf("pcapng frame: interface %d of %d", iface, w.interfaces)
	case len(r.Data) > maxPacket:
		return fmt.Errorf("pcapng frame: %d octets: at most %d are accepted", len(r.Data), maxPacket)
	case r.Time < 0:
		return fmt.Errorf("pcapng frame: %d ns before 1970", -r.Time)
	}
	b, start := w.block(blockEnhanced)
	b = binary.LittleEndian.AppendUint32(b, uint32(iface))
	b = binary.LittleEndian.AppendUint32(b, uint32(r.Time>>32))
	b = binary.LittleEndian.AppendUint32(b, uint32(r.Time))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.Data)))
	b = binary.LittleEndian.AppendUint32(b, uint32(max(r.Length, len(r.Data))))
	b = append(b, r.Data...)
	b = pad(b)
	if r.Direction != UnknownDirection {
		b = append(b, optFlags, 0, 4, 0, byte(r.Direction), 0, 0, 0)
	}
	if len(r.Comment) > 0 {
		var err error
		if b, err = appendOption(b, optComment, r.Comment); err != nil {
			return fmt.Errorf("pcapng frame: comment: %w", err)
		}
	}
	if r.Direction != UnknownDirection || len(r.Comment) > 0 {
		b = endOptions(b)
	}
	return w.finish(start, b)
}

// Flush writes what is in the buffer.
func (w *Writer) Flush() error {
	_, err := w.w.Write(w.buf)
	w.buf = w.buf[:0]
	if err != nil {
		return fmt.Errorf("write pcapng: %w", err)
	}
	return nil
}

// block begins a block at the end of the buffer.
func (w *Writer) block(typ uint32) (b []byte, start int) {
	b = binary.LittleEndian.AppendUint32(w.buf, typ)
	return append(b, 0, 0, 0, 0), len(w.buf)
}

// finish puts the block's length where it belongs and makes it part of the
// buffer.
func (w *Writer) finish(start int, b []byte) error {
	length := uint32(len(b) - start + 4)
	binary.LittleEndian.PutUint32(b[start+4:], length)
	w.buf = binary.LittleEndian.AppendUint32(b, length)
	if len(w.buf) < writeBuffer {
		return nil
	}
	return w.Flush()
}

func appendOption[T string | []byte](b []byte, code uint16, value T) ([]byte, error) {
	if len(value) > math.MaxUint16 {
		return b, fmt.Errorf("%d octets: at most %d are accepted", len(value), math.MaxUint16)
	}
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...)), nil
}

func endOptions(b []byte) []byte { return append(b, 0, 0, 0, 0) }

// pad aligns the buffer, whose blocks all are multiples of 4, to 32 bits.
func pad(b []byte) []byte { return append(b, 0, 0, 0)[:padded(len(b))] }
