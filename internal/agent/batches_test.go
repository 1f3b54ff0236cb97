package agent

import (
	"context"
	"encoding/binary"
	"io"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Whatever the pattern of flushes, every observation arrives once, in order,
// with the octets it pointed to.
func TestBatchesKeepOrderAndOctets(t *testing.T) {
	const total = 20000
	for _, every := range []int{1, 2, 3, 100, batchSize - 1, batchSize, batchSize + 1, total + 1} {
		b := newBatcher(t.Context())
		sent, tlv := 0, make([]byte, 8)
		go b.run(func(o *packet.Observation) error {
			if sent%every == 0 {
				b.flush() // as a source does that is about to block
			}
			if sent == total {
				return io.EOF
			}
			binary.BigEndian.PutUint32(tlv[4:], uint32(sent)) // the source's buffer is used again
			*o = packet.Observation{Frame: packet.Frame{Number: uint64(sent)}}
			o.Message.TLVs = tlv
			if sent%7 == 0 {
				o.V1 = &ptp.MessageV1{SequenceID: uint16(sent)}
			}
			sent++
			return nil
		})
		got := 0
		for batch := range b.full {
			for i := range batch.observations {
				o := &batch.observations[i]
				if o.Frame.Number != uint64(got) || binary.BigEndian.Uint32(o.Message.TLVs[4:]) != uint32(got) {
					t.Fatalf("flush every %d: observation %d is %d with octets %x", every, got, o.Frame.Number, o.Message.TLVs)
				}
				if (o.V1 != nil) != (got%7 == 0) || o.V1 != nil && o.V1.SequenceID != uint16(got) {
					t.Fatalf("flush every %d: observation %d has V1 %v", every, got, o.V1)
				}
				got++
			}
			if batch.err != nil {
				continue
			}
			b.free <- batch
		}
		if got != total {
			t.Errorf("flush every %d: %d observations arrived, want %d", every, got, total)
		}
	}
}

func TestBatcherEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := newBatcher(ctx)
	done := make(chan struct{})
	go func() {
		b.run(func(*packet.Observation) error { return nil })
		close(done)
	}()
	cancel() // nobody takes a batch
	<-done
}
