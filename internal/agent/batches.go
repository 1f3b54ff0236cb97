package agent

import (
	"context"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// batch is a run of observations on its way from a source to the engine, so
// that reading and analysing run side by side.
type batch struct {
	observations []packet.Observation
	tlvs         []byte // what their Message.TLVs point to
	err          error  // why it is the last one
}

const (
	batchSize = 2048
	batches   = 3 // in flight
)

// batcher hands on what a source has, in order, in batches. Those that were
// taken from full go back to free.
type batcher struct {
	ctx     context.Context
	full    chan *batch
	free    chan *batch
	filling *batch // nil once ctx has ended
}

func newBatcher(ctx context.Context) *batcher {
	b := &batcher{ctx: ctx, full: make(chan *batch, batches), free: make(chan *batch, batches)}
	for range batches {
		b.free <- &batch{observations: make([]packet.Observation, 0, batchSize)}
	}
	return b
}

// run reads until the source ends, or ctx does. next is the source's: what the
// observation points to holds until the next call. The last batch carries the
// source's error.
func (b *batcher) run(next func(*packet.Observation) error) {
	defer close(b.full)
	for b.take(); b.filling != nil; {
		into := b.filling
		n := len(into.observations)
		o := &into.observations[:n+1][n]
		err := next(o)
		switch {
		case b.filling == nil:
			return
		case err != nil:
			b.filling.err = err
			b.send()
			return
		case b.filling == into:
			into.observations = into.observations[:n+1]
			into.own(o)
		default: // next flushed what was before o
			b.filling.observations = append(b.filling.observations, *o)
			b.filling.own(&b.filling.observations[0])
		}
		if len(b.filling.observations) == batchSize {
			b.send()
			b.take()
		}
	}
}

// flush hands on what there is. The source calls it before it blocks.
func (b *batcher) flush() {
	if b.filling != nil && len(b.filling.observations) > 0 {
		b.send()
		b.take()
	}
}

func (b *batcher) send() {
	select {
	case b.full <- b.filling:
	case <-b.ctx.Done():
	}
	b.filling = nil
}

func (b *batcher) take() {
	select {
	case f := <-b.free:
		f.observations, f.tlvs, f.err = f.observations[:0], f.tlvs[:0], nil
		b.filling = f
	case <-b.ctx.Done():
		b.filling = nil
	}
}

// own makes what o points to the batch's. An append that moves the buffer
// leaves those before it where they are.
func (b *batch) own(o *packet.Observation) {
	if len(o.Message.TLVs) > 0 {
		start := len(b.tlvs)
		b.tlvs = append(b.tlvs, o.Message.TLVs...)
		o.Message.TLVs = slices.Clip(b.tlvs[start:])
	}
	if o.V1 != nil {
		v1 := *o.V1
		o.V1 = &v1
	}
}
