package attack

import (
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
)

// Disguise is whom a host pretends to be: a port's identity and, if MAC is not
// zero, its addresses.
type Disguise struct {
	Port ptp.PortIdentity
	MAC  packet.MAC
	IP   netip.Addr
}

func (d *Disguise) wear(f *network.Frame) {
	if d.MAC != (packet.MAC{}) {
		f.Source, f.SourceIP = d.MAC, d.IP
	}
}

// Announce sends Announces.
type Announce struct {
	Disguise
	Mark
	Body  ptp.Announce
	Flags ptp.Flags
	Every event.Time
	Log   ptp.LogInterval
	TLVs  []byte
}

// Announce begins to announce.
func (h *Host) Announce(a Announce) (stop func()) {
	return h.repeat(a.Every, h.Jitter, func() {
		f := h.frame(ptp.AnnounceMessage, a.Port, h.next(ptp.AnnounceMessage))
		a.wear(f)
		f.Message.Announce, f.Message.LogMessageInterval, f.Message.TLVs = a.Body, a.Log, a.TLVs
		f.Message.Flags |= a.Flags
		h.send(f, h.network.Now(), &a.Mark)
	})
}

// Syncs sends Syncs, and their Follow_Ups, in a master's name or its own.
type Syncs struct {
	Disguise
	Mark
	Of    ptp.PortIdentity // whose Syncs are heard to send one to each
	Shift event.Time       // how wrong their time is
	// Ahead sends the Sync that comes next, Lead before the master does; else
	// the one is repeated that has just been heard.
	Ahead bool
	Lead  event.Time
	// FollowUps sends a second Follow_Up only.
	FollowUps bool
}

// Sync begins to send Syncs.
func (h *Host) Sync(s Syncs) (stop func()) {
	every, _ := h.Profile.Sync.Duration()
	return h.listen(func(f *network.Frame) {
		m := &f.Message
		if m.SourcePortIdentity != s.Of {
			return
		}
		twoStep := h.Profile.TwoStep
		switch {
		case s.FollowUps && m.Type == ptp.FollowUp:
			h.followUp(&s, f, m.SequenceID, h.soon(), 0)
		case s.FollowUps || m.Type != ptp.Sync && !twoStep || m.Type != ptp.FollowUp && twoStep:
		case s.Ahead:
			h.forge(&s, f, m.SequenceID+1, h.soon()+event.Of(every)-s.Lead)
		default:
			h.forge(&s, f, m.SequenceID, h.soon())
		}
	})
}

// forge sends a Sync and, if the profile has them, its Follow_Up, with the TLVs
// of one that was heard.
func (h *Host) forge(s *Syncs, heard *network.Frame, sequence uint16, at event.Time) {
	f := h.frame(ptp.Sync, s.Port, sequence)
	s.wear(f)
	if !h.Profile.TwoStep {
		f.Message.Timestamp = h.time(at, s.Shift)
		h.send(f, at, &s.Mark)
		return
	}
	at = h.send(f, at, &s.Mark)
	h.followUp(s, heard, sequence, at+h.while(15*event.Microsecond), at)
}

// followUp sends a Follow_Up: for a Sync sent at a time, or 0 for the one that
// the Follow_Up heard belongs to.
func (h *Host) followUp(s *Syncs, heard *network.Frame, sequence uint16, ready, sent event.Time) {
	u := h.frame(ptp.FollowUp, s.Port, sequence)
	s.wear(u)
	u.Message.TLVs = append([]byte(nil), heard.Message.TLVs...)
	u.Message.Timestamp = h.time(sent, s.Shift)
	if sent == 0 {
		u.Message.Timestamp = shift(heard.Message.Timestamp, s.Shift)
	}
	h.send(u, ready, &s.Mark)
}

// Responses answers Delay_Reqs in a master's name.
type Responses struct {
	Disguise
	Mark
	Shift  event.Time
	Log    *ptp.LogInterval  // that is told; nil for the profile's
	Client ptp.ClockIdentity // whose; 0 for all
	// After waits for the master's own answer and sends a second one.
	After bool
}

// Respond begins to answer.
func (h *Host) Respond(r Responses) (stop func()) {
	return h.listen(func(f *network.Frame) {
		m := &f.Message
		asked := m.Type == ptp.DelayReq && !r.After || m.Type == ptp.DelayResp && r.After
		client := m.SourcePortIdentity
		if r.After {
			client = m.PortIdentity
		}
		if !asked || r.Client != 0 && client.ClockIdentity != r.Client {
			return
		}
		a := h.frame(ptp.DelayResp, r.Port, m.SequenceID)
		r.wear(a)
		if m.Flags.Has(ptp.FlagUnicast) {
			h.Profile.Unicast(a, node.Address{MAC: f.Source, IP: f.SourceIP})
		}
		if r.Log != nil {
			a.Message.LogMessageInterval = *r.Log
		}
		a.Message.PortIdentity = client
		a.Message.CorrectionField = m.CorrectionField
		a.Message.Timestamp = h.time(h.network.Now(), r.Shift)
		if r.After {
			a.Message.Timestamp = shift(m.Timestamp, r.Shift)
		}
		h.send(a, h.soon(), &r.Mark)
	})
}

// PeerResponses answers the Pdelay_Reqs of a neighbour, beside the one that
// should.
type PeerResponses struct {
	Mark
	Port  ptp.PortIdentity
	Shift event.Time // how much longer it says that the answer took
}

// RespondPeer begins to answer.
func (h *Host) RespondPeer(r PeerResponses) (stop func()) {
	return h.listen(func(f *network.Frame) {
		if f.Message.Type != ptp.PdelayReq {
			return
		}
		a := h.frame(ptp.PdelayResp, r.Port, f.Message.SequenceID)
		a.Message.PortIdentity = f.Message.SourcePortIdentity
		now, at := h.network.Now(), h.soon()
		if !h.Profile.TwoStep {
			took := h.Stamper.Shifted(at, r.Shift).Sub(h.Stamper.Stamp(now))
			a.Message.CorrectionField = ptp.Correction(took * 65536)
			h.send(a, at, &r.Mark)
			return
		}
		a.Message.Timestamp = h.time(now, 0)
		at = h.send(a, at, &r.Mark)
		u := h.frame(ptp.PdelayRespFollowUp, r.Port, f.Message.SequenceID)
		u.Message.PortIdentity = f.Message.SourcePortIdentity
		u.Message.Timestamp = h.time(at, r.Shift)
		h.send(u, at+h.while(15*event.Microsecond), &r.Mark)
	})
}
