package simulate

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// seen is a message as it is in a capture.
type seen struct {
	packet.Observation
	tap string
	ns  int64
	tlv []byte
}

// play runs a scenario and reads its capture back.
func play(t *testing.T, s *Scenario, seed uint64) ([]seen, *truth.Truth, []byte) {
	t.Helper()
	var file bytes.Buffer
	tr, err := s.Run(t.Context(), seed, &file)
	if err != nil {
		t.Fatal(err)
	}
	octets := bytes.Clone(file.Bytes())
	in, err := capture.OpenFiles([]string{"-"}, &file, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all []seen
	for {
		var o packet.Observation
		if err := in.Next(&o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		tlv := bytes.Clone(o.Message.TLVs)
		o.Message.TLVs = tlv
		all = append(all, seen{o, o.Interface, o.Stamp.UnixNano(), tlv})
	}
	if uint64(len(all)) != tr.Frames {
		t.Errorf("%d messages of %d frames are read back", len(all), tr.Frames)
	}
	return all, tr, octets
}

// parsed is a scenario that is written in the test.
func parsed(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// delays are what a tap measures of a sender: A of each Sync and B of each
// Delay_Req.
type delays struct{ a, b []delay }

type delay struct {
	ns float64
	at time.Time
}

// measure works out A = s - t1 - cf and B = t4 - r - (cf of the response - cf
// of the request) at a tap, by the port that sent the Syncs, of the requests
// of one client or, with 0, of all.
func measure(all []seen, tap string, client ptp.ClockIdentity) map[ptp.PortIdentity]*delays {
	type key struct {
		port     ptp.PortIdentity
		sequence uint16
	}
	syncs, requests := map[key]*seen{}, map[key]*seen{}
	found := map[ptp.PortIdentity]*delays{}
	of := func(p ptp.PortIdentity) *delays {
		if found[p] == nil {
			found[p] = &delays{}
		}
		return found[p]
	}
	ns := func(m *ptp.Message) int64 { v, _ := ptp.Nanoseconds(m.Timestamp); return v }
	cf := func(m *ptp.Message) float64 { return float64(m.CorrectionField) / 65536 }
	for i := range all {
		o := &all[i]
		m := &o.Message
		if o.tap != tap || o.Malformed != "" {
			continue
		}
		k := key{m.SourcePortIdentity, m.SequenceID}
		switch m.Type {
		case ptp.Sync:
			if m.Flags.Has(ptp.FlagTwoStep) {
				syncs[k] = o
				continue
			}
			d := of(k.port)
			d.a = append(d.a, delay{float64(o.ns-ns(m)) - cf(m), o.At})
		case ptp.FollowUp:
			if s := syncs[k]; s != nil {
				d := of(k.port)
				d.a = append(d.a, delay{float64(s.ns-ns(m)) - cf(&s.Message) - cf(m), s.At})
			}
		case ptp.DelayReq:
			if client == 0 || client == k.port.ClockIdentity {
				requests[k] = o
			}
		case ptp.DelayResp:
			if q := requests[key{m.PortIdentity, m.SequenceID}]; q != nil {
				d := of(k.port)
				d.b = append(d.b, delay{float64(ns(m)-q.ns) - (cf(m) - cf(&q.Message)), q.At})
			}
		}
	}
	return found
}
