//go:build linux

package lab

import (
	"context"
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Station is a host on the network that listens and sends what it likes: what
// most attacks have in common.
type Station struct {
	Domain uint8
	// Victim is the port in whose name it speaks; zero: the first grandmaster
	// that is heard. Spoof takes its addresses too.
	Victim ptp.PortIdentity
	Spoof  bool

	port    *Port
	decoder *capture.Decoder
	since   time.Time          // what waited in the socket before is nobody's concern
	seen    packet.Observation // the victim's last Announce; its TLVs are not kept
}

func (s *Station) interfaces() []string { return nil }

func (s *Station) open(p Plan) (err error) {
	s.decoder = capture.NewDecoder()
	s.port, err = OpenPort(p.Namespace, p.Interface)
	return err
}

// close tells whom it spoke for.
func (s *Station) close(e *truth.Episode) error {
	e.Domain = s.Domain
	if e.Attacker == "" && s.Victim != (ptp.PortIdentity{}) {
		e.Attacker = s.Victim.ClockIdentity.String()
	}
	return s.port.Close()
}

// spoofing is what Spoof adds to the size of an attack.
func (s *Station) spoofing() string {
	if s.Spoof {
		return ", spoofed addresses"
	}
	return ""
}

// hostile: the station sends nothing but its attack.
func (s *Station) hostile(*packet.Observation) bool { return true }

// identity is the station's own.
func (s *Station) identity() ptp.PortIdentity {
	m := s.port.MAC
	id := uint64(m[0])<<56 | uint64(m[1])<<48 | uint64(m[2])<<40 | 0xFFFE<<24 | uint64(m[3])<<16 | uint64(m[4])<<8 | uint64(m[5])
	return ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(id), PortNumber: 1}
}

// hear waits for the next message of the domain that is sound; false if none
// came in time or the frame was another.
func (s *Station) hear(wait time.Duration, o *packet.Observation) (bool, error) {
	if s.since.IsZero() {
		s.since = time.Now()
	}
	frame, at, err := s.port.Receive(wait)
	if err != nil || frame == nil || at.Before(s.since) {
		return false, err
	}
	if !s.decoder.Decode(capture.Frame{Link: capture.LinkEthernet, Data: frame, Length: len(frame)}, o) ||
		o.Malformed != "" || o.V1 != nil || o.Message.DomainNumber != s.Domain {
		return false, nil
	}
	o.At = at
	if m := &o.Message; m.Type == ptp.AnnounceMessage {
		if s.Victim == (ptp.PortIdentity{}) {
			s.Victim = m.SourcePortIdentity
		}
		if s.Victim == m.SourcePortIdentity {
			s.seen = *o
			s.seen.Message.TLVs = nil
		}
	}
	return true, nil
}

// known says whether the victim was heard, so that it can be imitated.
func (s *Station) known() bool { return s.seen.Message.Type == ptp.AnnounceMessage }

// each has f react to every message until ctx ends.
func (s *Station) each(ctx context.Context, f func(*packet.Observation) error) error {
	return s.loop(ctx, f, func() error { return nil })
}

// loop also calls idle, often.
func (s *Station) loop(ctx context.Context, f func(*packet.Observation) error, idle func() error) error {
	for ctx.Err() == nil {
		var o packet.Observation
		heard, err := s.hear(5*time.Millisecond, &o)
		if err == nil && heard && s.known() {
			err = f(&o)
		}
		if err == nil {
			err = idle()
		}
		if err != nil {
			return err
		}
	}
	if !s.known() {
		return fmt.Errorf("attack: no grandmaster announced itself in domain %d", s.Domain)
	}
	return nil
}

// send sends a message in an envelope that a victim's message came in. It comes
// from the station's own addresses, unless they are spoofed.
func (s *Station) send(e Envelope, m *ptp.Message) error {
	if !s.Spoof {
		if err := s.port.sign(&e); err != nil {
			return err
		}
	}
	return s.port.Send(e.Frame(m))
}
