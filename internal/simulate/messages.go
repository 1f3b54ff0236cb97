package simulate

import (
	"math"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/attack"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// manageKeys send Management messages.
type manageKeys struct {
	Host   ref              `yaml:"host,required"`
	To     *ref             `yaml:"to"` // clock that they are for; all by default
	Action managementAction `yaml:"action,required"`
	What   []managementID   `yaml:"what,required"` // one after the other
	Value  uint8            `yaml:"value"`         // that is set
	Shift  duration         `yaml:"shift"`         // of a time that is set
	Rate   *rate            `yaml:"rate"`          // 1/s by default
	Times  uint16           `yaml:"times"`         // how many; no end by default
}

type managementAction ptp.ManagementAction

func (a *managementAction) set(text string) error {
	return choose(a, text, map[string]managementAction{
		"get": managementAction(ptp.ActionGet), "set": managementAction(ptp.ActionSet), "command": managementAction(ptp.ActionCommand)})
}

type managementID ptp.ManagementID

// managementIDs are the ids that scenarios use (IEEE 1588-2019 table 59).
var managementIDs = map[string]managementID{
	"null": 0x0000, "clock_description": 0x0001, "reset_non_volatile_storage": 0x0004, "initialize": 0x0005,
	"default_data_set": 0x2000, "current_data_set": 0x2001, "parent_data_set": 0x2002, "time_properties_data_set": 0x2003,
	"port_data_set": 0x2004, "priority1": 0x2005, "priority2": 0x2006, "domain": 0x2007, "slave_only": 0x2008,
	"enable_port": 0x200D, "disable_port": 0x200E, "time": 0x200F, "utc_properties": 0x2011,
}

func (id *managementID) set(text string) error { return choose(id, text, managementIDs) }

// data is the dataField of a message that sets, when the PTP time is some.
func (k *manageKeys) data(id ptp.ManagementID, now int64) ptp.ManagementData {
	if ptp.ManagementAction(k.Action) == ptp.ActionGet {
		return nil
	}
	switch managementID(id) {
	case managementIDs["time"]:
		return &ptp.ClockTime{CurrentTime: ptp.NewTimestamp(now + int64(event.Time(k.Shift)/event.Nanosecond))}
	case managementIDs["utc_properties"]:
		return &ptp.UTCProperties{CurrentUTCOffset: int16(k.Value)}
	case managementIDs["initialize"]:
		return &ptp.Initialize{}
	case managementIDs["enable_port"], managementIDs["disable_port"], managementIDs["reset_non_volatile_storage"]:
		return nil
	}
	return &ptp.Datum[uint8]{Value: k.Value}
}

func (k *manageKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	s := attack.Messages{
		Mark: h.mark, Type: ptp.ManagementMessage, Action: ptp.ManagementAction(k.Action), Target: everybody,
		Every: every(k.Rate, event.Second), Times: int(k.Times),
	}
	if k.To != nil {
		if i := m.instanceOf(k.To); i != nil {
			s.Target.ClockIdentity = i.Identity
		}
	}
	for _, id := range k.What {
		tlv := &ptp.ManagementTLV{ManagementID: ptp.ManagementID(id), Data: k.data(ptp.ManagementID(id), m.epoch(false)+int64(h.at/event.Nanosecond))}
		s.TLVs = append(s.TLVs, ptp.AppendTLV(nil, tlv))
	}
	return func() func() { return host.Send(s) }
}

var everybody = ptp.PortIdentity{ClockIdentity: math.MaxUint64, PortNumber: math.MaxUint16}

// signalKeys send Signaling messages that ask a clock for what it should not
// do.
type signalKeys struct {
	Host     ref    `yaml:"host,required"`
	To       *ref   `yaml:"to"`            // clock that they are for; all by default
	What     signal `yaml:"what,required"` // which TLV
	Announce int8   `yaml:"announce_log"`  // logAnnounceInterval of `message_interval`, as the two that follow
	Sync     int8   `yaml:"sync_log"`
	Link     int8   `yaml:"link_delay_log"`
	Rate     *rate  `yaml:"rate"`  // 1/s by default
	Times    uint16 `yaml:"times"` // how many; no end by default
}

type signal string

func (s *signal) set(text string) error {
	return among(s, text, []string{"interface_rate", "message_interval"})
}

func (k *signalKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	s := attack.Messages{Mark: h.mark, Type: ptp.Signaling, Target: everybody, Every: every(k.Rate, event.Second), Times: int(k.Times)}
	if k.To != nil {
		if i := m.instanceOf(k.To); i != nil {
			s.Target = i.Ports[0].Identity()
		}
		if a := m.addressOf(&k.Host, k.To); a.IP.IsValid() {
			s.MAC, s.IP = a.MAC, a.IP
		}
	}
	s.TLVs = [][]byte{ptp.AppendTLV(nil, k.tlv())}
	return func() func() { return host.Send(s) }
}

func (k *signalKeys) tlv() ptp.TLV {
	if k.What == "interface_rate" {
		return &ptp.InterfaceRate{InterfaceBitPeriod: 10_000_000_000, NumberBitsBeforeTimestamp: 64, NumberBitsAfterTimestamp: 720}
	}
	return &ptp.MessageIntervalRequest{
		LogAnnounceInterval: ptp.LogInterval(k.Announce), LogTimeSyncInterval: ptp.LogInterval(k.Sync), LogLinkDelayInterval: ptp.LogInterval(k.Link),
		Flags: 3,
	}
}
