package capture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a zstd stream may make us hold. It is what levels up
// to 21 use; what they decompress to is streamed, however much it is.
const maxWindow = 64 << 20

var (
	gzipMagic = []byte{0x1F, 0x8B}
	zstdMagic = []byte{0x28, 0xB5, 0x2F, 0xFD}
)

// decompress returns in itself or, where it is compressed, what it holds.
func decompress(in *input) (plain *input, closer func(), err error) {
	var r io.Reader
	closer = func() {}
	switch b, _ := in.peek(len(zstdMagic)); {
	case bytes.HasPrefix(b, gzipMagic):
		r, err = gzip.NewReader(in)
	case bytes.HasPrefix(b, zstdMagic):
		var z *zstd.Decoder
		z, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		r, closer = z, func() { z.Close() }
	default:
		return in, closer, nil
	}
	if err != nil {
		return nil, nil, in.faultf(0, "uncompress: %w", err)
	}
	plain = newInput(in.name, uncompressed{r})
	plain.unit = " of the uncompressed data"
	return plain, closer, nil
}

// uncompressed gives the errors of a decompressor their context.
type uncompressed struct{ r io.Reader }

func (u uncompressed) Read(b []byte) (int, error) {
	n, err := u.r.Read(b)
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		err = fmt.Errorf("uncompress: %w: at most %d octets are accepted", err, maxWindow)
	case err != nil && err != io.EOF:
		err = fmt.Errorf("uncompress: %w", err)
	}
	return n, err
}
