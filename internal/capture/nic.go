package capture

import (
	"encoding/json"
	"fmt"
	"time"
)

// NIC is what a network interface tells of its time stamping.
type NIC struct {
	Name   string    `json:"name"`
	Driver string    `json:"driver,omitempty"`
	Link   LinkState `json:"link,omitempty"` // as of NICs
	// Disabled is why a link is down: by an administrator, not for want of a
	// carrier.
	Disabled bool       `json:"disabled,omitempty"`
	Clock    string     `json:"clock,omitempty"` // its PTP hardware clock ("ptp0"); "" for none
	Modes    StampModes `json:"modes"`
	// TxTypes and RxFilters are what the driver says it can do. Several grant
	// more than they say.
	TxTypes   []TxType   `json:"tx_types"`
	RxFilters []RxFilter `json:"rx_filters"`
	// Config is what the NIC is set to now, for all programs alike; valid
	// unless ConfigError says why it could not be read.
	Config      HardwareConfig `json:"config"`
	ConfigError string         `json:"config_error,omitempty"`
}

// HardwareConfig is what a NIC stamps in hardware: struct hwtstamp_config. A
// NIC has one, whoever set it.
type HardwareConfig struct {
	Flags    int32    `json:"flags"`
	TxType   TxType   `json:"tx_type"`
	RxFilter RxFilter `json:"rx_filter"`
}

// StampModes are the kinds of stamps that a NIC and its driver give
// (SOF_TIMESTAMPING_... of the kernel).
type StampModes uint32

// The stamp modes.
const (
	TransmitHardware StampModes = 1 << iota
	TransmitSoftware
	ReceiveHardware
	ReceiveSoftware
	SystemClock
	_
	RawHardware
)

// TxType is which sent frames a NIC stamps: HWTSTAMP_TX_... of the kernel.
type TxType int32

// RxFilter is which received frames a NIC stamps: HWTSTAMP_FILTER_... of the
// kernel.
type RxFilter int32

// The filters that matter to a listener.
const (
	FilterNone        RxFilter = 0
	FilterAll         RxFilter = 1
	FilterSome        RxFilter = 2 // all that was asked for, and more
	FilterPTPv2UDP    RxFilter = 6
	FilterPTPv2Layer2 RxFilter = 9
	FilterPTPv2       RxFilter = 12
)

// The names are ethtool's.
var (
	modeNames = []string{
		"hardware-transmit", "software-transmit", "hardware-receive", "software-receive", "software-system-clock", "", "hardware-raw-clock",
	}
	txTypeNames   = []string{"off", "on", "onestep-sync", "onestep-p2p"}
	rxFilterNames = []string{
		"none", "all", "some", "ptpv1-l4-event", "ptpv1-l4-sync", "ptpv1-l4-delay-req", "ptpv2-l4-event", "ptpv2-l4-sync",
		"ptpv2-l4-delay-req", "ptpv2-l2-event", "ptpv2-l2-sync", "ptpv2-l2-delay-req", "ptpv2-event", "ptpv2-sync",
		"ptpv2-delay-req", "ntp-all",
	}
)

func named(names []string, kind string, v int32) string {
	if v >= 0 && int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("%s(%d)", kind, v)
}

func (t TxType) String() string   { return named(txTypeNames, "TxType", int32(t)) }
func (f RxFilter) String() string { return named(rxFilterNames, "RxFilter", int32(f)) }

// MarshalText gives the name.
func (t TxType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalText gives the name.
func (f RxFilter) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Names are those of the modes that are set and have one.
func (m StampModes) Names() []string {
	names := []string{}
	for i, name := range modeNames {
		if m&(1<<i) != 0 && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// MarshalJSON gives the names.
func (m StampModes) MarshalJSON() ([]byte, error) { return json.Marshal(m.Names()) }

// stampsReceived says whether the NIC can stamp what it receives.
func (n *NIC) stampsReceived() bool {
	const needed = ReceiveHardware | RawHardware
	return n.Modes&needed == needed
}

// bitsOf lists the numbers of the bits that are set in a mask.
func bitsOf[T ~int32](mask uint32) []T {
	list := []T{}
	for i := range T(32) {
		if mask&(1<<i) != 0 {
			list = append(list, i)
		}
	}
	return list
}

// PHCOffset is one comparison of a PTP hardware clock with the system's.
type PHCOffset struct {
	At     time.Time     // system time of the comparison
	Offset time.Duration // hardware clock minus system clock
	// Delay is how long the best reading took, which bounds the error: half of
	// it at most. 0 where the hardware reads both clocks at once.
	Delay time.Duration
}
