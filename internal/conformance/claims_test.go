package conformance

import (
	"encoding/binary"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// What linuxptp's client said in recorded captures, read here octet by octet
// (IEEE 1588-2019 16.11.4, 15.5.3.4.1, linuxptp's tlv.h) and computed in
// integers, is what the analysis has of it, and of no other port.
func TestClaimsOfRecordedClients(t *testing.T) {
	for _, tt := range []struct {
		capture string
		source  analysis.ClaimSource
		read    func([]packet.Observation) analysis.ClaimView
	}{
		{"slave-events", analysis.ClaimSlaveEvent, readTimestamps},
		{"management", analysis.ClaimManagement, readManagement},
		{"netsync", analysis.ClaimNetSync, readNetSync},
	} {
		t.Run(tt.capture, func(t *testing.T) {
			all := observations(t, filepath.Join("../../testdata/captures", tt.capture+".pcapng"), nil)
			want := tt.read(all)
			want.Source = tt.source
			if want.Count == 0 {
				t.Fatal("nothing is told in the capture")
			}
			v := tracked(all, analysis.Config{})
			for _, d := range v.Domains {
				for _, p := range d.Ports {
					if p.Port.String() != "025054.fffe.000002-1" {
						if len(p.Claims) > 0 {
							t.Errorf("%s claims %+v", p.Port, p.Claims)
						}
						continue
					}
					if len(p.Claims) != 1 {
						t.Fatalf("%+v", p.Claims)
					}
					if diff := cmp.Diff(want, p.Claims[0], cmpopts.EquateApprox(0, 1e-15), cmpopts.IgnoreFields(want, "Age")); diff != "" {
						t.Errorf("-by hand +analysis\n%s", diff)
					}
				}
			}
		})
	}
}

// tlvsOf calls f with type and value of each TLV of messages of a type.
func tlvsOf(all []packet.Observation, of ptp.MessageType, f func(typ uint16, v []byte)) {
	for i := range all {
		if all[i].Message.Type != of || of == ptp.ManagementMessage && all[i].Message.Management.Action != ptp.ActionResponse {
			continue
		}
		for b := all[i].Message.TLVs; len(b) >= 4; {
			n := 4 + int(binary.BigEndian.Uint16(b[2:]))
			f(binary.BigEndian.Uint16(b), b[4:n])
			b = b[n:]
		}
	}
}

func timestampAt(b []byte) int64 {
	return int64(binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...)))*1e9 + int64(binary.BigEndian.Uint32(b[6:]))
}

func int64At(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }

func portAt(b []byte) ptp.PortIdentity {
	return ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(binary.BigEndian.Uint64(b)), PortNumber: binary.BigEndian.Uint16(b[8:])}
}

// readTimestamps has one record in each TLV, as linuxptp's default is.
func readTimestamps(all []packet.Observation) (c analysis.ClaimView) {
	var forward, reverse int64 // ns times 2^16
	tlvsOf(all, ptp.Signaling, func(typ uint16, v []byte) {
		c.Master = portAt(v)
		r := v[10:]
		switch typ {
		case 0x8004: // sequenceId, syncOriginTimestamp, totalCorrectionField, scaledCumulativeRateOffset, syncEventIngressTimestamp
			c.Count++
			forward = (timestampAt(r[24:])-timestampAt(r[2:]))<<16 - int64At(r[12:])
		case 0x7F00: // sequenceId, delayOriginTimestamp, totalCorrectionField, delayResponseTimestamp
			c.Count++
			reverse = (timestampAt(r[20:])-timestampAt(r[2:]))<<16 - int64At(r[12:])
		}
	})
	c.Offset, c.MeanPathDelay = float64(forward-reverse)/(2e9*65536), float64(forward+reverse)/(2e9*65536)
	c.HasOffset, c.HasMeanPathDelay = true, true
	return c
}

// readManagement takes the last answer of each kind by who has a master.
func readManagement(all []packet.Observation) (c analysis.ClaimView) {
	tlvsOf(all, ptp.ManagementMessage, func(typ uint16, v []byte) {
		if typ != 1 {
			return
		}
		switch id, d := binary.BigEndian.Uint16(v), v[2:]; {
		case id == 0x2001 && binary.BigEndian.Uint16(d) > 0: // CURRENT_DATA_SET: stepsRemoved, offsetFromMaster, meanDelay
			c.Count++
			c.Offset, c.HasOffset = float64(int64At(d[2:]))/(1e9*65536), true
			c.MeanPathDelay, c.HasMeanPathDelay = float64(int64At(d[10:]))/(1e9*65536), true
		case id == 0x2002 && portAt(d).PortNumber > 0: // PARENT_DATA_SET: parentPortIdentity
			c.Master = portAt(d)
		case id == 0xC000 && binary.BigEndian.Uint32(d[38:]) == 1: // TIME_STATUS_NP: master_offset; gmPresent
			c.Count++
			c.Offset, c.HasOffset = float64(int64At(d))/1e9, true
		}
	})
	return c
}

// readNetSync takes what follows portState, a reserved octet and the parent's
// address: parentDS of 32 octets, currentDS of 18.
func readNetSync(all []packet.Observation) (c analysis.ClaimView) {
	tlvsOf(all, ptp.DelayResp, func(_ uint16, v []byte) {
		d := v[6+int(binary.BigEndian.Uint16(v[4:])):]
		if binary.BigEndian.Uint16(d[32:]) == 0 {
			return // stepsRemoved: a grandmaster
		}
		c.Count++
		c.Master = portAt(d)
		c.Offset, c.HasOffset = float64(int64At(d[34:]))/(1e9*65536), true
		c.MeanPathDelay, c.HasMeanPathDelay = float64(int64At(d[42:]))/(1e9*65536), true
	})
	return c
}
