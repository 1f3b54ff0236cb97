package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"
)

// newOneByteReader is the slowest pipe there is.
func newOneByteReader(b []byte) io.Reader { return iotest.OneByteReader(bytes.NewReader(b)) }

// TestSmallFilesStaySmall: no claim in a small file makes us take much memory.
func TestSmallFilesStaySmall(t *testing.T) {
	for name, file := range fuzzSeeds(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		readAll(name, file)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 && len(file) < 4096 {
			t.Errorf("%s: %d octets of a file took %d of memory", name, len(file), got)
		}
	}
}

func TestInputReadError(t *testing.T) {
	f := newNg(binary.LittleEndian)
	f.addInterface(LinkEthernet, 0).enhanced(0, 1, []byte{1, 2, 3, 4})
	broken := io.MultiReader(bytes.NewReader(f.b), iotest.ErrReader(errors.New("input/output error")))
	r, err := NewReader("x.pcapng", broken)
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	if err := r.Next(&rec); err != nil {
		t.Fatal(err)
	}
	err = r.Next(&rec)
	if want := "x.pcapng: offset 84: read: input/output error"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
	if err := r.Next(&rec); err == nil || err == io.EOF {
		t.Errorf("once more: got %v, want the error again", err)
	}
}

func TestInputStuckReader(t *testing.T) {
	_, err := NewReader("x.pcap", stuck{})
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want %v", err, io.ErrNoProgress)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }
