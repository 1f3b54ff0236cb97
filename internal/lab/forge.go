//go:build linux

package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// ForgeAnnounce follows each Announce of a grandmaster with one in its name
// that says something else.
type ForgeAnnounce struct {
	Station
	// What it says otherwise; nil is kept.
	Priority1, ClockClass *uint8
	CurrentUTCOffset      *int16
}

func (f *ForgeAnnounce) describe(e *truth.Episode) {
	e.Type, e.Alerts = "forged-announce", []string{"PTPClockIdentityClone", "PTPGrandmasterDatasetChanged"}
	e.Tolerated = append(besideRogue[:len(besideRogue):len(besideRogue)],
		"PTPGrandmasterFreeRun", "PTPGrandmasterHoldover", "PTPTimePropertiesInvalid", "PTPMessageIntervalAnomaly", "PTPFlood", "PTPReplay")
	var says []string
	if f.Priority1 != nil {
		says = append(says, fmt.Sprintf("priority1 %d", *f.Priority1))
	}
	if f.ClockClass != nil {
		says = append(says, fmt.Sprintf("class %d", *f.ClockClass))
	}
	if f.CurrentUTCOffset != nil {
		says = append(says, fmt.Sprintf("currentUtcOffset %d", *f.CurrentUTCOffset))
	}
	e.Size = strings.Join(says, ", ") + f.spoofing()
}

func (f *ForgeAnnounce) attack(ctx context.Context) error {
	return f.each(ctx, func(o *packet.Observation) error {
		m := o.Message
		if m.Type != ptp.AnnounceMessage || m.SourcePortIdentity != f.Victim {
			return nil
		}
		change(&m.Announce.GrandmasterPriority1, f.Priority1)
		change((*uint8)(&m.Announce.GrandmasterClockQuality.ClockClass), f.ClockClass)
		change(&m.Announce.CurrentUTCOffset, f.CurrentUTCOffset)
		m.SequenceID++
		return f.send(alike(o), &m)
	})
}

func change[T any](field, to *T) {
	if to != nil {
		*field = *to
	}
}

// Replay sends each Sync of a grandmaster, and its Follow_Up, a second time
// when it is old.
type Replay struct {
	Station
	Age time.Duration

	waiting []recorded
}

type recorded struct {
	due      time.Time
	envelope Envelope
	message  ptp.Message
}

func (r *Replay) describe(e *truth.Episode) {
	e.Type, e.Alerts, e.Tolerated = "sync-replay", []string{"PTPReplay", "PTPSyncInjection", "PTPClockIdentityClone"}, besideClone
	e.Size = fmt.Sprintf("age %v%s", r.Age, r.spoofing())
}

// oldest bounds how much is kept to be replayed.
const oldest = 10 * time.Minute

func (r *Replay) open(p Plan) error {
	if r.Age <= 0 || r.Age > oldest {
		return fmt.Errorf("replay of what is %v old: more than 0 and at most %v are accepted", r.Age, oldest)
	}
	return r.Station.open(p)
}

func (r *Replay) attack(ctx context.Context) error {
	return r.loop(ctx, func(o *packet.Observation) error {
		m := o.Message
		if m.SourcePortIdentity == r.Victim && (m.Type == ptp.Sync || m.Type == ptp.FollowUp) {
			m.TLVs = append([]byte(nil), m.TLVs...)
			r.waiting = append(r.waiting, recorded{o.At.Add(r.Age), alike(o), m})
		}
		return nil
	}, r.idle)
}

// idle sends what has come of age.
func (r *Replay) idle() error {
	for len(r.waiting) > 0 && !time.Now().Before(r.waiting[0].due) {
		w := r.waiting[0]
		r.waiting = r.waiting[1:]
		if err := r.send(w.envelope, &w.message); err != nil {
			return err
		}
	}
	return nil
}

// ForgeFollowUp sends the Follow_Up of a Sync before that Sync is sent, so that
// clients take it for the real one, which follows.
type ForgeFollowUp struct {
	Station
	// Shift is how far its preciseOriginTimestamp is from the real one, as far
	// as that can be foretold.
	Shift time.Duration
}

func (f *ForgeFollowUp) describe(e *truth.Episode) {
	e.Type, e.Alerts = "forged-follow-up", []string{"PTPSyncInjection", "PTPClockIdentityClone"}
	e.Tolerated = append(besideClone[:len(besideClone):len(besideClone)], "PTPReplay")
	e.Size = fmt.Sprintf("shift %v%s", f.Shift, f.spoofing())
}

func (f *ForgeFollowUp) attack(ctx context.Context) error {
	return f.each(ctx, func(o *packet.Observation) error {
		m := o.Message
		ns, ok := ptp.Nanoseconds(m.Timestamp)
		every, given := m.LogMessageInterval.Duration()
		if m.Type != ptp.FollowUp || m.SourcePortIdentity != f.Victim || !ok || !given {
			return nil
		}
		m.SequenceID++
		m.Timestamp = ptp.NewTimestamp(ns + int64(every) + int64(f.Shift))
		return f.send(alike(o), &m)
	})
}

// ForgeDelayResp answers Delay_Req in a grandmaster's name, and tries to be
// first.
type ForgeDelayResp struct {
	Station
	// Shift is added to receiveTimestamp, the time at which the request was
	// heard.
	Shift time.Duration
	// LogInterval is the logMessageInterval that clients are to heed.
	LogInterval ptp.LogInterval
}

func (f *ForgeDelayResp) describe(e *truth.Episode) {
	e.Type, e.Alerts = "forged-delay-resp", []string{"PTPDelayRespAnomaly", "PTPClockIdentityClone"}
	e.Tolerated = []string{"PTPPathAsymmetry", "PTPSelectiveDelay", "PTPTransportAnomaly", "PTPFlood", "PTPSyncLoss", "PTPMessageIntervalAnomaly"}
	if f.LogInterval != ptp.NoInterval && (f.LogInterval < -7 || f.LogInterval > 7) {
		e.Alerts = append(e.Alerts, "PTPDelayIntervalPoisoning")
	}
	e.Size = fmt.Sprintf("shift %v, interval 2^%d s%s", f.Shift, f.LogInterval, f.spoofing())
}

func (f *ForgeDelayResp) attack(ctx context.Context) error {
	return priority(func() error { return f.each(ctx, f.respond) })
}

func (f *ForgeDelayResp) respond(o *packet.Observation) error {
	if o.Message.Type != ptp.DelayReq {
		return nil
	}
	request := &o.Message
	e := alike(&f.seen)
	if request.Flags.Has(ptp.FlagUnicast) {
		e = answer(o)
		e.SourceMAC, e.SourceAddress = f.seen.SourceMAC, f.seen.Source.Addr()
	}
	return f.send(e, &ptp.Message{
		Type: ptp.DelayResp, SdoID: request.SdoID, VersionPTP: 2, MinorVersionPTP: request.MinorVersionPTP,
		DomainNumber: f.Domain, Flags: request.Flags & ptp.FlagUnicast, CorrectionField: request.CorrectionField,
		SourcePortIdentity: f.Victim, SequenceID: request.SequenceID, ControlField: 3, LogMessageInterval: f.LogInterval,
		Timestamp: ptp.NewTimestamp(o.At.Add(f.Shift).UnixNano()), PortIdentity: request.SourcePortIdentity,
	})
}
