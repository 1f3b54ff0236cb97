package node

import (
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// relay is what a PTP Relay Instance has beside an ordinary one: it hands each
// Sync on with the time that this took (IEEE 802.1AS-2020 11.1.3).
type relay struct{ info ptp.FollowUpInformation }

// take hands on a Sync that has come to a port, and arrived when the port's
// clock read so.
func (r *relay) take(from *Port, f *network.Frame, arrived oscillator.Reading, c ptp.Correction) {
	i := from.instance
	r.info = ptp.FollowUpInformation{}
	for t, value := range ptp.AllTLVs(f.Message.TLVs) {
		if tlv, err := ptp.ParseTLV(t, value); err == nil {
			if info, ok := tlv.(*ptp.FollowUpInformation); ok {
				r.info = *info
			}
		}
	}
	if !from.peer.measured {
		return
	}
	upstream := nanoseconds(c) + from.peer.delay
	r.info.CumulativeScaledRateOffset += int32(from.peer.ratio * (1 << 41))
	for _, p := range i.Ports {
		if p != from && p.state == Master && p.capable() {
			p.relaySync(f, upstream, arrived)
		}
	}
}

// capable is asCapable (IEEE 802.1AS-2020 11.2.2): there is somebody at the
// other end who measures delays.
func (p *Port) capable() bool { return p.peer.measured }

// relaySync sends on a Sync whose origin is told by f, upstream nanoseconds
// after that to be added.
func (p *Port) relaySync(f *network.Frame, upstream float64, arrived oscillator.Reading) {
	i := p.instance
	sequence := p.sequence[ptp.Sync]
	p.sequence[ptp.Sync]++
	s := p.reply(ptp.Sync, sequence)
	s.Message.Flags |= ptp.FlagTwoStep
	s.Episode = max(s.Episode, f.Episode)
	at, left := p.send(s, i.network.Now()+p.soon())
	u := p.reply(ptp.FollowUp, sequence)
	u.Message.Timestamp = f.Message.Timestamp
	u.Episode = max(u.Episode, f.Episode)
	u.Message.CorrectionField = correction(upstream + left.Sub(arrived))
	u.AppendTLV(&i.relay.info)
	p.send(u, at+p.soon())
}
