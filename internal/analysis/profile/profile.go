// Package profile holds what each PTP profile asks of its clocks, as data, and
// recognises a profile from traffic.
package profile

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Profile is one PTP profile: a row of the table.
type Profile struct {
	Name   string // as in the configuration: "g8275.1"
	Title  string // "ITU-T G.8275.1"
	Source string // where the row's numbers were read
	Notes  string // what a reader of the row should know

	Algorithm bmca.Algorithm
	// Qualify is how many Announces within FOREIGN_MASTER_TIME_WINDOW make a
	// clock a candidate (IEEE 1588-2019 9.3.2.5; IEEE 802.1AS-2020 10.3 has no
	// qualification: 1).
	Qualify        int
	ReceiptTimeout int // announceReceiptTimeout, in intervals
	// SeveralGrandmasters says that several at a time are normal.
	SeveralGrandmasters bool

	Domain  uint8 // the default domainNumber
	Domains Range // the allowed ones
	SdoID   ptp.SdoID

	Transports []packet.Transport
	Addressing Addressing
	Tagged     bool // VLAN tags are allowed
	Mechanisms Mechanisms

	Announce, Sync, DelayReq, PdelayReq Interval

	Priority1, Priority2 Range   // the allowed values of grandmasterPriority1 and 2
	Classes              []Class // the allowed clockClasses; the first that fits counts

	// FreeRunUsual says that clocks which never had a reference are usual:
	// class 248 is news to nobody.
	FreeRunUsual bool
	// Traceable says that the profile's use demands a grandmaster that is
	// traceable to a primary reference.
	Traceable bool
	// PTPTimescale says that grandmasters are to distribute the PTP timescale.
	// Clocks that set no time flag at all are common all the same.
	PTPTimescale bool
}

// Range is the values from Min to Max, both included.
type Range struct{ Min, Max uint8 }

// Contains says whether v is in the range.
func (r Range) Contains(v uint8) bool { return r.Min <= v && v <= r.Max }

// String prints "128" or "0 to 255".
func (r Range) String() string {
	if r.Min == r.Max {
		return fmt.Sprint(r.Min)
	}
	return fmt.Sprintf("%d to %d", r.Min, r.Max)
}

// Interval is what a profile says of a message's logMessageInterval, the
// logarithm to base 2 of seconds. Where Allowed is false the profile has no
// such message.
type Interval struct {
	Min, Max, Default ptp.LogInterval
	Allowed           bool
}

// Contains says whether a message may advertise l; "not given" it always may.
func (i Interval) Contains(l ptp.LogInterval) bool {
	return l == ptp.NoInterval || i.Allowed && i.Min <= l && l <= i.Max
}

// Interval is what the profile says of a message type's interval; false for a
// type that does not advertise one of its own.
func (p *Profile) Interval(t ptp.MessageType) (Interval, bool) {
	switch t {
	case ptp.AnnounceMessage:
		return p.Announce, true
	case ptp.Sync, ptp.FollowUp:
		return p.Sync, true
	case ptp.DelayReq, ptp.DelayResp:
		return p.DelayReq, true
	case ptp.PdelayReq:
		return p.PdelayReq, true
	}
	return Interval{}, false
}

// Addressing is a set of the ways to address messages.
type Addressing uint8

// The ways.
const (
	Multicast Addressing = 1 << iota // to all
	Unicast                          // each to one
	Hybrid                           // Announce and Sync to all, delay messages to one
)

// Mechanisms is a set of the ways to measure delay.
type Mechanisms uint8

// The ways (IEEE 1588-2019 11.3, 11.4).
const (
	EndToEnd Mechanisms = 1 << iota
	PeerToPeer
)

// Lookup finds a profile by its name in the configuration.
func Lookup(name string) (*Profile, bool) {
	for i := range table {
		if table[i].Name == name {
			return &table[i], true
		}
	}
	return nil, false
}

// Default is the default profile of IEEE 1588-2019 annex I.
func Default() *Profile { return &table[0] }
