package analysis

import (
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// heed takes what a message says that its sender measured itself.
func (t *Tracker) heed(p *port, m *ptp.Message) {
	switch {
	case m.Type == ptp.Signaling, m.Type == ptp.DelayResp,
		m.Type == ptp.ManagementMessage && m.Management.Action == ptp.ActionResponse:
	default:
		return
	}
	speaker := p
	if p.id.PortNumber == 0 {
		if r := t.receiver(p.domain, p.id.ClockIdentity); r != nil {
			speaker = r
			r.adopt(p)
		}
	}
	speaker.readClaims(m.TLVs, ClaimManagement)
}

// adopt takes over what the clock as a whole claimed before its port was heard.
func (p *port) adopt(whole *port) {
	for _, c := range whole.claims {
		if !slices.ContainsFunc(p.claims, func(o *claim) bool { return o.source == c.source }) {
			p.claims = append(p.claims, c)
		}
	}
	whole.claims = nil
}

// HandleAnswer takes an answer to a management GET that came over a local socket
// of a client, not over the network. It stands beside the client on each network
// where that is heard; it is false where it is heard on none, and so nothing is
// known to set its word beside.
func (t *Tracker) HandleAnswer(m *ptp.Message, at time.Time, emit func(Finding)) (heard bool) {
	t.advance(at, emit)
	if m.Type != ptp.ManagementMessage || m.Management.Action != ptp.ActionResponse {
		return false
	}
	for scope, d := range t.scopes {
		if scope.DomainNumber != m.DomainNumber || scope.SdoID != m.SdoID {
			continue
		}
		if p := t.receiver(d, m.SourcePortIdentity.ClockIdentity); p != nil {
			p.readClaims(m.TLVs, ClaimSocket)
			heard = true
		}
	}
	return heard
}

// receiverPorts is how many ports of a clock are looked at for the one that
// takes time.
const receiverPorts = 8

// receiver is the one port by which a clock is seen to take time; nil where
// there is none or several. linuxptp speaks of a clock as a whole as its port 0.
func (t *Tracker) receiver(d *domain, id ptp.ClockIdentity) (found *port) {
	for n := range uint16(receiverPorts) {
		e := t.ports.get(portKey{d, ptp.PortIdentity{ClockIdentity: id, PortNumber: n + 1}})
		if e == nil {
			continue
		}
		if role := e.value.role(); role != RoleTimeReceiver && role != RolePeer {
			continue
		}
		if found != nil {
			return nil
		}
		found = e.value
	}
	return found
}

// readClaims takes the TLVs by which a clock tells what it measured. Datasets
// are of the given source. A TLV that is broken claims nothing.
func (p *port) readClaims(tlvs []byte, source ClaimSource) {
	now := p.domain.tracker.now
	for typ, value := range ptp.AllTLVs(tlvs) {
		switch typ {
		case ptp.TLVSlaveRxSyncTimingData, ptp.TLVSlaveDelayTimingDataNP, ptp.TLVSlaveRxSyncComputedData,
			ptp.TLVManagement, ptp.TLVNetSyncMonitorResponse:
		default:
			continue
		}
		tlv, err := ptp.ParseTLV(typ, value)
		if err != nil {
			continue
		}
		switch tlv := tlv.(type) {
		case *ptp.SlaveRxSyncTimingData:
			p.claim(ClaimSlaveEvent).syncs(tlv, now)
		case *ptp.SlaveDelayTimingDataNP:
			p.claim(ClaimSlaveEvent).delays(tlv, now)
		case *ptp.SlaveRxSyncComputedData:
			p.claim(ClaimSlaveComputed).computed(tlv, now)
		case *ptp.ManagementTLV:
			p.readDataSet(tlv.Data, source)
		case *ptp.NetSyncMonitorResponse:
			p.readDataSet(&tlv.ParentDS, ClaimNetSync)
			p.readDataSet(&tlv.CurrentDS, ClaimNetSync)
		}
	}
}

func (c *claim) syncs(tlv *ptp.SlaveRxSyncTimingData, now instant) {
	c.under(tlv.SyncSourcePortIdentity)
	for _, r := range tlv.Records {
		if t2, ok := ptp.Nanoseconds(r.SyncEventIngressTimestamp); ok {
			a, ok := delay.Forward(t2, r.SyncOriginTimestamp, ptp.Correction(r.TotalCorrectionField))
			c.way(0, now, a, ok)
		}
	}
}

func (c *claim) delays(tlv *ptp.SlaveDelayTimingDataNP, now instant) {
	c.under(tlv.SourcePortIdentity)
	for _, r := range tlv.Records {
		if t3, ok := ptp.Nanoseconds(r.DelayOriginTimestamp); ok {
			b, ok := delay.Reverse(t3, r.DelayResponseTimestamp, ptp.Correction(r.TotalCorrectionField), 0)
			c.way(1, now, b, ok)
		}
	}
}

// The bits of computedFlags that say what a record holds.
const (
	computedMeanPathDelay = 1 << 1
	computedOffset        = 1 << 2
)

func (c *claim) computed(tlv *ptp.SlaveRxSyncComputedData, now instant) {
	c.under(tlv.SourcePortIdentity)
	for _, r := range tlv.Records {
		if tlv.ComputedFlags&(computedMeanPathDelay|computedOffset) != 0 {
			c.count++
		}
		mean, ok := r.MeanPathDelay.Seconds()
		c.say(&c.mean, now, mean, ok && tlv.ComputedFlags&computedMeanPathDelay != 0)
		offset, ok := r.OffsetFromMaster.Seconds()
		c.say(&c.offset, now, offset, ok && tlv.ComputedFlags&computedOffset != 0)
	}
}

// readDataSet takes a dataset of a clock that has a master; one that is a master
// has an offset of 0 from itself, which is no measurement.
func (p *port) readDataSet(data ptp.ManagementData, source ClaimSource) {
	now := p.domain.tracker.now
	switch d := data.(type) {
	case *ptp.ParentDataSet:
		if d.ParentPortIdentity.ClockIdentity == p.id.ClockIdentity {
			p.disclaim(source)
			return
		}
		p.claim(source).under(d.ParentPortIdentity)
	case *ptp.CurrentDataSet:
		if d.StepsRemoved == 0 {
			p.disclaim(source)
			return
		}
		c := p.claim(source)
		c.count++
		offset, ok := d.OffsetFromMaster.Seconds()
		c.say(&c.offset, now, offset, ok)
		mean, ok := d.MeanPathDelay.Seconds()
		c.say(&c.mean, now, mean, ok)
	case *ptp.TimeStatusNP:
		if d.GmPresent == 0 {
			p.disclaim(source)
			return
		}
		c := p.claim(source)
		c.count++
		c.say(&c.offset, now, float64(d.MasterOffset)/1e9, true)
	}
}
