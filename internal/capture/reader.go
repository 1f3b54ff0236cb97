package capture

import "io"

// Reader reads the frames of one capture file.
type Reader struct {
	format format
	closer func()
}

// format is pcap or pcapng.
type format interface {
	// next reads one frame. It returns io.EOF where a file may end.
	next(*Record) error
	// drops is how many frames the file says were lost while capturing.
	drops() uint64
}

// NewReader recognises what r delivers by its first octets: pcap or pcapng,
// also compressed with gzip or zstd. The name is for errors.
func NewReader(name string, r io.Reader) (*Reader, error) {
	in, closer, err := decompress(newInput(name, r))
	if err != nil {
		return nil, err
	}
	f, err := newFormat(in)
	if err != nil {
		closer()
		return nil, err
	}
	return &Reader{f, closer}, nil
}

// Next reads the next frame into rec. The views in it hold until the next call.
// At the end of the file the error is io.EOF; where the file is cut or broken
// it names file and offset, and every frame before has been read.
func (r *Reader) Next(rec *Record) error { return r.format.next(rec) }

// Drops is how many frames the capture says it lost, as far as it was read.
func (r *Reader) Drops() uint64 { return r.format.drops() }

// Close releases what a decompressor holds. It does not close the io.Reader.
func (r *Reader) Close() { r.closer() }
