package node

import (
	"net/netip"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
)

// foreign is a foreign master: a port that announces (IEEE 1588-2019 9.3.2.4).
type foreign struct {
	announcement
	episode      int        // that its Announces are part of
	port         *Port      // that hears it
	last, before event.Time // its latest two Announces
	mac          packet.MAC // where they came from
	ip           netip.Addr // likewise
	via          *lessor    // the entry of the unicast master table; nil: multicast
	interval     event.Time // between its Announces, as the port expects them
}

const (
	// qualifyWindow is FOREIGN_MASTER_TIME_WINDOW, in announce intervals
	// (IEEE 1588-2019 9.3.2.4.5).
	qualifyWindow = 4
	// maxForeign is how many masters a port keeps at most.
	maxForeign = 64
	maxSteps   = 255
)

// qualified says whether the best master clock algorithm may look at it: it
// has sent two Announces within four intervals, and is not silent. gPTP takes
// the first (IEEE 802.1AS-2020 10.3.11).
func (m *foreign) qualified(now event.Time) bool {
	window := qualifyWindow * m.interval
	if m.port.instance.Profile.Algorithm == BTCA {
		return now-m.last < window
	}
	return m.before >= 0 && m.last-m.before <= window && now-m.last < window
}

// hearAnnounce takes an Announce in.
func (p *Port) hearAnnounce(f *network.Frame) {
	i := p.instance
	m := &f.Message
	a := parseAnnounce(m, p)
	if m.SourcePortIdentity.ClockIdentity == i.Identity || a.stepsRemoved >= maxSteps ||
		m.Flags.Has(ptp.FlagAlternateMaster) || slices.Contains(a.path, i.Identity) ||
		i.Profile.Algorithm == BTCA && !p.capable() {
		return
	}
	now := i.network.Now()
	record := p.foreign(m.SourcePortIdentity)
	if record == nil {
		return
	}
	if record.via = i.lessorAt(f.SourceIP); record.via != nil {
		a.LocalPriority = record.via.priority
	}
	was := record.qualified(now)
	changed := record.dataset != a.dataset || record.time != a.time || !slices.Equal(record.path, a.path)
	record.announcement = a
	record.before, record.last = record.last, now
	record.mac, record.ip, record.episode = f.Source, f.SourceIP, f.Episode
	record.interval = p.believed(m.LogMessageInterval)
	if changed && was || was != record.qualified(now) {
		i.decide()
	}
	if p.best == record {
		p.receiptTimer.Set(now + p.receiptTimeout())
	}
}

// believed is how long a sender's announce interval is taken to be: what it
// says, as linuxptp does, and not the receiver's own (IEEE 1588-2019
// 9.3.2.4.5). So a sender may say an interval that nobody outlives.
func (p *Port) believed(log ptp.LogInterval) event.Time {
	const fastest, slowest = -10, 20
	if log == ptp.NoInterval {
		return p.announceInterval()
	}
	return interval(min(max(log, fastest), slowest))
}

func parseAnnounce(m *ptp.Message, p *Port) announcement {
	a := announcement{
		dataset: dataset{
			Attributes: Attributes{
				Priority1: m.Announce.GrandmasterPriority1, Priority2: m.Announce.GrandmasterPriority2,
				LocalPriority: p.localPriority, Quality: m.Announce.GrandmasterClockQuality,
			},
			grandmaster: m.Announce.GrandmasterIdentity, stepsRemoved: m.Announce.StepsRemoved,
			sender: m.SourcePortIdentity, receiver: p.id,
		},
		time: TimeProperties{m.Announce.CurrentUTCOffset, m.Flags & timeFlags, m.Announce.TimeSource},
	}
	if len(m.TLVs) > 0 {
		for t, value := range ptp.AllTLVs(m.TLVs) {
			if t == ptp.TLVPathTrace {
				a.path = slices.Collect(ptp.PathSequence(value))
			}
		}
	}
	return a
}

// timeFlags are the flags of timePropertiesDS, and synchronizationUncertain.
const timeFlags = ptp.FlagLeap61 | ptp.FlagLeap59 | ptp.FlagCurrentUTCOffsetValid | ptp.FlagPTPTimescale |
	ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagSynchronizationUncertain

// foreign is the record of a sender, a new one if there was none; nil when
// there is no room.
func (p *Port) foreign(sender ptp.PortIdentity) *foreign {
	for _, m := range p.masters {
		if m.sender == sender {
			return m
		}
	}
	if len(p.masters) == maxForeign {
		now := p.instance.network.Now()
		stale := slices.IndexFunc(p.masters, func(m *foreign) bool { return now-m.last > qualifyWindow*m.interval })
		if stale < 0 {
			return nil
		}
		p.masters = slices.Delete(p.masters, stale, stale+1)
	}
	m := &foreign{port: p, last: -1, before: -1, interval: p.announceInterval()}
	m.sender = sender
	p.masters = append(p.masters, m)
	return m
}

// erbest is the port's best qualified master (IEEE 1588-2019 9.3.2.3).
func (p *Port) erbest() *foreign {
	now := p.instance.network.Now()
	var best *foreign
	for _, m := range p.masters {
		if m.qualified(now) && (best == nil || p.instance.Profile.Algorithm.compare(&m.dataset, &best.dataset) > same) {
			best = m
		}
	}
	return best
}

// announceReceiptTimeout is the event of that name (IEEE 1588-2019 9.2.6.12).
func (p *Port) announceReceiptTimeout() {
	if p.best != nil {
		lost := p.best
		p.masters = slices.DeleteFunc(p.masters, func(m *foreign) bool { return m == lost })
	}
	p.waited = true
	p.instance.decide()
}
