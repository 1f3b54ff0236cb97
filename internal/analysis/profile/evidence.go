package profile

import (
	"encoding/json"
	"fmt"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Evidence is what a scope's traffic shows of its profile: the zero value of
// one that has not been heard yet. It only ever grows, so what is recognised
// only ever gets more specific. As a stranger's messages are evidence too,
// whoever keeps one should stop to note them once the scope is known.
type Evidence struct {
	sdoID     ptp.SdoID
	domain    uint8
	marks     marks
	intervals [kinds]uint32 // which were advertised: bit l+16 for 2^l s
}

// evidenceState is an Evidence as JSON has it.
type evidenceState struct {
	SdoID     ptp.SdoID     `json:"sdo_id"`
	Domain    uint8         `json:"domain"`
	Marks     marks         `json:"marks"`
	Intervals [kinds]uint32 `json:"intervals"`
}

// MarshalJSON implements json.Marshaler, for who goes on elsewhere.
func (e Evidence) MarshalJSON() ([]byte, error) {
	return json.Marshal(evidenceState{e.sdoID, e.domain, e.marks, e.intervals})
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *Evidence) UnmarshalJSON(text []byte) error {
	var s evidenceState
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	*e = Evidence{s.SdoID, s.Domain, s.Marks, s.Intervals}
	return nil
}

// marks is a set of things that were seen.
type marks uint32

const (
	onEthernet marks = 1 << iota
	onUDPv4
	onUDPv6
	multicastAnnounce
	unicastAnnounce
	multicastSync
	unicastDelayReq // but for those of a NetSync monitor
	peerDelay       // Pdelay_Req
	negotiation     // unicast TLVs (IEEE 1588-2019 16.1)
	qualityLevel    // a clockClass that ITU-T G.8265.1 alone uses
	gptpTLV         // of IEEE 802.1
	smpteTLV        // of ST 2059-2
	powerTLV        // of C37.238
	heard           // anything at all

	onUDP = onUDPv4 | onUDPv6
)

// The intervals that are told apart, from 2^-16 s to 2^15 s.
const firstInterval, lastInterval ptp.LogInterval = -16, 15

// kind is a message that advertises an interval.
type kind uint8

const (
	announce kind = iota
	sync
	pdelayReq
	kinds
)

// Note adds what a message shows and says whether that is anything new.
func (e *Evidence) Note(o *packet.Observation) bool {
	m := &o.Message
	seen := heard | transportMark(o.Transport)
	k := kinds
	unicast := isUnicast(o)
	switch m.Type {
	case ptp.AnnounceMessage:
		k = announce
		if unicast {
			seen |= unicastAnnounce
		} else {
			seen |= multicastAnnounce
		}
		if isQualityLevel(uint8(m.Announce.GrandmasterClockQuality.ClockClass)) {
			seen |= qualityLevel
		}
	case ptp.Sync:
		k = sync
		if !unicast {
			seen |= multicastSync
		}
	case ptp.DelayReq:
		if unicast && !hasTLV(m.TLVs, ptp.TLVNetSyncMonitorRequest) {
			seen |= unicastDelayReq
		}
	case ptp.PdelayReq:
		k = pdelayReq
		seen |= peerDelay
	}
	if len(m.TLVs) > 0 {
		seen |= tlvMarks(m.TLVs)
	}
	before := *e
	e.sdoID, e.domain = m.SdoID, m.DomainNumber
	e.marks |= seen
	if l := m.LogMessageInterval; k != kinds && firstInterval <= l && l <= lastInterval {
		e.intervals[k] |= intervalBit(l)
	}
	return *e != before
}

func (e *Evidence) has(all marks) bool { return e.marks&all == all }
func (e *Evidence) any(of marks) bool  { return e.marks&of != 0 }

// every says whether a message was advertised to come each 2^l seconds.
func (e *Evidence) every(k kind, l ptp.LogInterval) bool { return e.intervals[k]&intervalBit(l) != 0 }

func intervalBit(l ptp.LogInterval) uint32 { return 1 << uint(l-firstInterval) }

func transportMark(t packet.Transport) marks {
	switch t {
	case packet.IEEE8023:
		return onEthernet
	case packet.UDPv4:
		return onUDPv4
	case packet.UDPv6:
		return onUDPv6
	}
	return 0
}

// isUnicast says whether a message went to one, by its address: the
// unicastFlag is set by many, and not by all.
func isUnicast(o *packet.Observation) bool {
	if o.Transport == packet.IEEE8023 {
		return o.DestinationMAC[0]&1 == 0
	}
	return !o.Destination.Addr().IsMulticast()
}

// isQualityLevel says whether a clockClass is one of ITU-T G.8265.1, which the
// standard leaves to profiles and no other profile here uses.
func isQualityLevel(class uint8) bool { return 80 <= class && class <= 110 && class%2 == 0 }

func hasTLV(tlvs []byte, wanted ptp.TLVType) bool {
	for typ := range ptp.AllTLVs(tlvs) {
		if typ == wanted {
			return true
		}
	}
	return false
}

// tlvMarks is what the TLVs of a message show, which may be cut short or made
// up.
func tlvMarks(tlvs []byte) (seen marks) {
	for typ, value := range ptp.AllTLVs(tlvs) {
		switch typ {
		case ptp.TLVRequestUnicastTransmission, ptp.TLVGrantUnicastTransmission,
			ptp.TLVCancelUnicastTransmission, ptp.TLVAcknowledgeCancelUnicastTransmission:
			seen |= negotiation
		case ptp.TLVOrganizationExtension, ptp.TLVOrganizationExtensionPropagate, ptp.TLVOrganizationExtensionDoNotPropagate:
			seen |= organizationMark(value)
		}
	}
	return seen
}

func organizationMark(value []byte) marks {
	if len(value) < 6 {
		return 0 // no room for organizationId and organizationSubType
	}
	switch ptp.OUI(value[:3]) {
	case ptp.OUIIEEE8021:
		return gptpTLV
	case ptp.OUISMPTE:
		return smpteTLV
	case ptp.OUIC37238:
		return powerTLV
	}
	return 0
}
