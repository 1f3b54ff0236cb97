package node

import (
	"math"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
)

// soon is a while that it takes software to do something, as long as the
// instance's latency give or take half.
func (p *Port) soon() event.Time {
	l := p.instance.Latency
	return l/2 + event.Time(p.instance.rng.Float64()*float64(l))
}

func (p *Port) announceTick() {
	p.pace(p.announceTimer, &p.announceDue, p.announceInterval())
	p.sendAnnounce(Address{}, p.message(ptp.AnnounceMessage))
}

// sendAnnounce sends an Announce to somebody, or to all.
func (p *Port) sendAnnounce(a Address, f *network.Frame) {
	if p.announceStale {
		p.prepareAnnounce()
		f.Message.Flags, f.Message.Announce = p.templates[ptp.AnnounceMessage].Message.Flags, p.templates[ptp.AnnounceMessage].Message.Announce
		f.Message.TLVs = p.templates[ptp.AnnounceMessage].Message.TLVs
	}
	if f.Episode == 0 {
		f.Episode = p.instance.inherited // handed on
	}
	p.to(f, a)
	p.send(f, p.instance.network.Now())
}

// prepareAnnounce brings the Announce that others are cut from up to date.
func (p *Port) prepareAnnounce() {
	i := p.instance
	a := i.announced()
	m := &p.templates[ptp.AnnounceMessage].Message
	m.Flags = m.Flags&^timeFlags | a.time.Flags
	m.Announce = ptp.Announce{
		CurrentUTCOffset: a.time.UTCOffset, TimeSource: a.time.Source,
		GrandmasterPriority1: a.Priority1, GrandmasterPriority2: a.Priority2,
		GrandmasterClockQuality: a.Quality, GrandmasterIdentity: a.grandmaster, StepsRemoved: a.stepsRemoved,
	}
	m.TLVs = i.Profile.AnnounceTLVs(a.grandmaster, a.stepsRemoved, a.path)
	p.announceStale = false
}

// AnnounceTLVs are the TLVs of an Announce in the profile.
func (pr *Profile) AnnounceTLVs(grandmaster ptp.ClockIdentity, stepsRemoved uint16, path []ptp.ClockIdentity) (tlvs []byte) {
	if pr.PathTrace {
		tlvs = ptp.AppendTLV(tlvs, &ptp.PathTrace{PathSequence: path})
	}
	if pr.Power {
		tlvs = ptp.AppendTLV(tlvs, &ptp.PowerProfile2017{GrandmasterID: uint16(grandmaster) % 255, TotalTimeInaccuracy: 50 + 50*uint32(stepsRemoved)})
	}
	return tlvs
}

func (p *Port) syncTick() {
	p.pace(p.syncTimer, &p.syncDue, interval(p.instance.Profile.Sync))
	p.sendSync(Address{}, p.sequence[ptp.Sync])
	p.sequence[ptp.Sync]++
}

// sendSync sends a Sync, and its Follow_Up if there is one, to somebody or to
// all (IEEE 1588-2019 9.5.9, 9.5.10).
func (p *Port) sendSync(a Address, sequence uint16) {
	pr := &p.instance.Profile
	f := p.reply(ptp.Sync, sequence)
	p.to(f, a)
	if !pr.TwoStep && pr.Algorithm == BTCA {
		f.AppendTLV(&ptp.FollowUpInformation{})
	}
	at, stamp := p.send(f, p.instance.network.Now())
	if !pr.TwoStep {
		return
	}
	f = p.reply(ptp.FollowUp, sequence)
	p.to(f, a)
	setStamp(&f.Message, stamp)
	if pr.Algorithm == BTCA {
		f.AppendTLV(&ptp.FollowUpInformation{})
	}
	p.send(f, at+p.soon())
}

// answerDelay answers a Delay_Req (IEEE 1588-2019 9.5.12).
func (p *Port) answerDelay(f *network.Frame) {
	now := p.instance.network.Now()
	if p.instance.Profile.Mechanism == SPTP {
		p.answerSPTP(f)
		return
	}
	if p.instance.Profile.Addressing == Unicast && !p.granted(f.SourceIP, ptp.DelayResp) {
		return
	}
	t4 := p.stamper.Stamp(now)
	r := p.reply(ptp.DelayResp, f.Message.SequenceID)
	if f.Message.Flags.Has(ptp.FlagUnicast) {
		p.to(r, sender(f))
	}
	r.Message.PortIdentity = f.Message.SourcePortIdentity
	r.Message.Timestamp = ptp.NewTimestamp(t4.Nanoseconds)
	r.Message.CorrectionField = f.Message.CorrectionField - correction(t4.Picoseconds/1000)
	p.send(r, now+p.soon())
}

// mediaTick sends what SMPTE ST 2059-2 has grandmasters send each second: the
// synchronization metadata, in a Management message.
func (p *Port) mediaTick() {
	now := p.instance.network.Now()
	p.mediaTimer.Set(now + event.Second)
	if p.instance.parent != nil {
		return
	}
	f := p.message(ptp.ManagementMessage)
	m := &f.Message
	m.PortIdentity = ptp.PortIdentity{ClockIdentity: ^ptp.ClockIdentity(0), PortNumber: math.MaxUint16}
	m.Management.Action = ptp.ActionCommand
	jam := uint64(p.stamper.Stamp(now).Nanoseconds/1e9) / 86400 * 86400
	f.AppendTLV(&ptp.SynchronizationMetadata{
		DefaultSystemFrameRateNumerator: 25, DefaultSystemFrameRateDenominator: 1,
		MasterLockingStatus: 4, CurrentLocalOffset: -int32(p.instance.Time.UTCOffset),
		TimeOfNextJam: jam + 86400, TimeOfPreviousJam: jam, PreviousJamLocalOffset: -int32(p.instance.Time.UTCOffset),
	})
	p.send(f, now)
}
