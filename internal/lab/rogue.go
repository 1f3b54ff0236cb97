//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// RogueClock is a rogue grandmaster that is a real ptp4l.
type RogueClock struct {
	Domain    uint8
	Priority1 uint8
	Options   []string // more of ptp4l's

	plan  Plan
	clock *Clock
	name  string
}

func (r *RogueClock) describe(e *truth.Episode) {
	e.Type, e.Domain = "rogue-grandmaster", r.Domain
	e.Alerts, e.Tolerated = []string{"PTPRogueGrandmaster"}, besideRogue
	e.Size = strings.Join(append([]string{"ptp4l, priority1", strconv.Itoa(int(r.Priority1))}, r.Options...), " ")
}

func (r *RogueClock) interfaces() []string { return nil }

func (r *RogueClock) open(p Plan) error {
	r.plan = p
	return nil
}

func (r *RogueClock) attack(ctx context.Context) (err error) {
	options := append([]string{
		"-i", r.plan.Interface, "--domainNumber", strconv.Itoa(int(r.Domain)), "--priority1", strconv.Itoa(int(r.Priority1)),
	}, r.Options...)
	if r.clock, err = StartClock(r.plan.Namespace, options...); err != nil {
		return err
	}
	defer r.clock.Stop()
	answer, err := r.clock.Ask("GET PORT_DATA_SET")
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(answer, "portIdentity")
	if words := strings.Fields(rest); len(words) > 0 {
		r.name, _, _ = strings.Cut(words[0], "-")
	}
	select {
	case <-ctx.Done():
		return nil
	case <-r.clock.ended:
		return errors.New("the rogue ptp4l ended: " + r.clock.Log())
	}
}

func (r *RogueClock) hostile(o *packet.Observation) bool {
	return o.Message.Type == ptp.AnnounceMessage
}

func (r *RogueClock) close(e *truth.Episode) error {
	e.Attacker = r.name
	return nil
}

// RogueSender is a rogue grandmaster that only sends: Announce, one-step Sync
// and Delay_Resp, without a clock or a best-master algorithm behind them.
type RogueSender struct {
	Station
	Transport   packet.Transport
	Announce    ptp.Announce // GrandmasterIdentity zero: its own
	Flags       ptp.Flags
	LogAnnounce ptp.LogInterval
	LogSync     ptp.LogInterval
	// Shift is how far its time is ahead of the machine's clock.
	Shift time.Duration

	envelope Envelope
	sequence [2]uint16 // of Announce and Sync
}

func (r *RogueSender) describe(e *truth.Episode) {
	e.Type, e.Alerts, e.Tolerated = "rogue-grandmaster", []string{"PTPRogueGrandmaster"}, besideRogue
	e.Size = fmt.Sprintf("priority1 %d, class %d, shift %v", r.Announce.GrandmasterPriority1, r.Announce.GrandmasterClockQuality.ClockClass, r.Shift)
}

func (r *RogueSender) open(p Plan) (err error) {
	if err := r.Station.open(p); err != nil {
		return err
	}
	if r.envelope, err = r.port.Multicast(r.Transport); err != nil {
		return errors.Join(err, r.port.Close())
	}
	if r.Announce.GrandmasterIdentity == 0 {
		r.Announce.GrandmasterIdentity = r.identity().ClockIdentity
	}
	return nil
}

func (r *RogueSender) close(e *truth.Episode) error {
	e.Attacker = r.identity().ClockIdentity.String()
	return r.Station.close(e)
}

func (r *RogueSender) attack(ctx context.Context) error {
	announce, err := interval(r.LogAnnounce)
	if err != nil {
		return err
	}
	sync, err := interval(r.LogSync)
	if err != nil {
		return err
	}
	nextAnnounce, nextSync := time.Now(), time.Now()
	for ctx.Err() == nil {
		now := time.Now()
		if !now.Before(nextAnnounce) {
			nextAnnounce = nextAnnounce.Add(announce)
			err = r.announce()
		}
		if err == nil && !now.Before(nextSync) {
			nextSync = nextSync.Add(sync)
			err = r.sync()
		}
		if err == nil {
			err = r.respond(min(time.Until(nextAnnounce), time.Until(nextSync), 20*time.Millisecond))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// interval bounds how often something is sent.
func interval(l ptp.LogInterval) (time.Duration, error) {
	d, ok := l.Duration()
	if !ok || l < -8 || l > 6 {
		return 0, fmt.Errorf("interval of 2^%d s: -8 to 6 are accepted", l)
	}
	return d, nil
}

func (r *RogueSender) message(t ptp.MessageType, log ptp.LogInterval) *ptp.Message {
	return &ptp.Message{
		Type: t, VersionPTP: 2, DomainNumber: r.Domain, Flags: r.Flags,
		SourcePortIdentity: r.identity(), LogMessageInterval: log, ControlField: 5,
	}
}

func (r *RogueSender) announce() error {
	m := r.message(ptp.AnnounceMessage, r.LogAnnounce)
	m.SequenceID, m.Announce = r.sequence[0], r.Announce
	r.sequence[0]++
	return r.port.Send(r.envelope.Frame(m))
}

func (r *RogueSender) sync() error {
	m := r.message(ptp.Sync, r.LogSync)
	m.SequenceID, m.ControlField = r.sequence[1], 0
	m.Timestamp = ptp.NewTimestamp(time.Now().Add(r.Shift).UnixNano())
	r.sequence[1]++
	return r.port.Send(r.envelope.Frame(m))
}

// respond answers a Delay_Req, if one comes in time.
func (r *RogueSender) respond(wait time.Duration) error {
	var o packet.Observation
	heard, err := r.hear(wait, &o)
	if err != nil || !heard || o.Message.Type != ptp.DelayReq {
		return err
	}
	m := r.message(ptp.DelayResp, r.LogSync)
	m.SequenceID, m.ControlField, m.PortIdentity = o.Message.SequenceID, 3, o.Message.SourcePortIdentity
	m.Timestamp = ptp.NewTimestamp(o.At.Add(r.Shift).UnixNano())
	m.CorrectionField = o.Message.CorrectionField
	return r.port.Send(r.envelope.Frame(m))
}
