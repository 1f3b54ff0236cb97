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
	batchSize = 256
	batches   = 4 // in flight
)

// source fills o with the next observation. What o points to holds until the
// next call.
type source interface {
	Next(o *packet.Observation) error
}

// read sends what src has, in order, until it ends or ctx does. The last batch
// carries the source's error. Batches come back through free.
func read(ctx context.Context, src source, full chan<- *batch, free <-chan *batch) {
	defer close(full)
	for {
		var b *batch
		select {
		case b = <-free:
		case <-ctx.Done():
			return
		}
		b.fill(src)
		select {
		case full <- b:
		case <-ctx.Done():
			return
		}
		if b.err != nil {
			return
		}
	}
}

func (b *batch) fill(src source) {
	b.observations, b.tlvs, b.err = b.observations[:0], b.tlvs[:0], nil
	for len(b.observations) < batchSize {
		n := len(b.observations)
		b.observations = b.observations[:n+1]
		o := &b.observations[n]
		if b.err = src.Next(o); b.err != nil {
			b.observations = b.observations[:n]
			return
		}
		b.own(o)
	}
}

// own makes what o points to the batch's. An append that moves the buffer
// leaves those before it where they are.
func (b *batch) own(o *packet.Observation) {
	if n := len(o.Message.TLVs); n > 0 {
		start := len(b.tlvs)
		b.tlvs = append(b.tlvs, o.Message.TLVs...)
		o.Message.TLVs = slices.Clip(b.tlvs[start:])
	}
	if o.V1 != nil {
		v1 := *o.V1
		o.V1 = &v1
	}
}

func newBatches() chan *batch {
	free := make(chan *batch, batches)
	for range batches {
		free <- &batch{observations: make([]packet.Observation, 0, batchSize)}
	}
	return free
}
