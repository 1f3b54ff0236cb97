package analysis

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func signaling(p ptp.PortIdentity, tlvs ...ptp.TLV) ptp.Message {
	return withTLVs(ptp.Message{Type: ptp.Signaling, SourcePortIdentity: p}, tlvs...)
}

func answer(p ptp.PortIdentity, data ...ptp.ManagementData) ptp.Message {
	m := ptp.Message{Type: ptp.ManagementMessage, SourcePortIdentity: p, Management: ptp.Management{Action: ptp.ActionResponse}}
	for _, d := range data {
		id := ptp.ManagementID(0x2001)
		switch d.(type) {
		case *ptp.ParentDataSet:
			id = 0x2002
		case *ptp.TimeStatusNP:
			id = 0xC000
		}
		m.TLVs = ptp.AppendTLV(m.TLVs, &ptp.ManagementTLV{ManagementID: id, Data: d})
	}
	return m
}

func withTLVs(m ptp.Message, tlvs ...ptp.TLV) ptp.Message {
	for _, tlv := range tlvs {
		m.TLVs = ptp.AppendTLV(m.TLVs, tlv)
	}
	return m
}

const ns = ptp.TimeInterval(1 << 16)

// syncTold is a Sync as a client says that it came: what it took, less cf.
func syncTold(master ptp.PortIdentity, t1, t2 int64, cf ptp.TimeInterval) ptp.TLV {
	return &ptp.SlaveRxSyncTimingData{SyncSourcePortIdentity: master, Records: []ptp.RxSyncTiming{{
		SyncOriginTimestamp: ptp.NewTimestamp(t1), TotalCorrectionField: cf, SyncEventIngressTimestamp: ptp.NewTimestamp(t2),
	}}}
}

func delayTold(master ptp.PortIdentity, t3, t4 int64, cf ptp.TimeInterval) ptp.TLV {
	return &ptp.SlaveDelayTimingDataNP{SourcePortIdentity: master, Records: []ptp.DelayTiming{{
		DelayOriginTimestamp: ptp.NewTimestamp(t3), TotalCorrectionField: cf, DelayResponseTimestamp: ptp.NewTimestamp(t4),
	}}}
}

// claims are what a port claims now.
func (b *bench) claims(p ptp.PortIdentity) []ClaimView {
	for _, d := range b.View().Domains {
		for _, v := range d.Ports {
			if v.Port == p {
				return v.Claims
			}
		}
	}
	return nil
}

// A client 300 ns ahead of its master, 1000 ns away: by IEEE 1588-2019 11.2 and
// 11.3 of the timestamps, else as it says.
func TestClaims(t *testing.T) {
	const at = 1_795_000_000_000_000_000
	whole := ptp.PortIdentity{ClockIdentity: client.ClockIdentity}
	both := func(source ClaimSource, master ptp.PortIdentity, offset, mean float64, count uint64) []ClaimView {
		return []ClaimView{{Source: source, Master: master, Offset: offset, HasOffset: true, MeanPathDelay: mean, HasMeanPathDelay: true, Count: count}}
	}
	sync, delay := syncTold(gmA, at, at+1300+40, 40*ns), delayTold(gmA, at, at+700+8, 8*ns)
	computed := func(flags uint8) ptp.TLV {
		return &ptp.SlaveRxSyncComputedData{SourcePortIdentity: gmA, ComputedFlags: flags,
			Records: []ptp.RxSyncComputed{{OffsetFromMaster: 300 * ns, MeanPathDelay: 1000 * ns}}}
	}
	current := &ptp.CurrentDataSet{StepsRemoved: 1, OffsetFromMaster: 300 * ns, MeanPathDelay: 1000 * ns}
	parent := &ptp.ParentDataSet{ParentPortIdentity: gmA}
	asks := delayReq(client, 1)
	for _, tt := range []struct {
		name     string
		messages []ptp.Message
		want     []ClaimView
	}{
		{"both directions", []ptp.Message{signaling(client, sync), signaling(client, delay)}, both(ClaimSlaveEvent, gmA, 300e-9, 1000e-9, 2)},
		{"in one message", []ptp.Message{signaling(client, delay, sync)}, both(ClaimSlaveEvent, gmA, 300e-9, 1000e-9, 2)},
		{"parts of a nanosecond", []ptp.Message{signaling(client, syncTold(gmA, at, at+1300, -ns/2), delayTold(gmA, at, at+700, 0))},
			both(ClaimSlaveEvent, gmA, 300.25e-9, 1000.25e-9, 2)},
		{"a client that was never set", []ptp.Message{signaling(client, syncTold(gmA, at, 1000, 0), delayTold(gmA, 0, at+1000, 0))},
			both(ClaimSlaveEvent, gmA, -1_795_000_000, 1000e-9, 2)},
		{"one direction", []ptp.Message{signaling(client, sync)}, []ClaimView{{Source: ClaimSlaveEvent, Master: gmA, Count: 1}}},
		{"of two masters", []ptp.Message{signaling(client, sync), signaling(client, delayTold(gmB, at, at+700, 0))},
			[]ClaimView{{Source: ClaimSlaveEvent, Master: gmB, Count: 2}}},
		{"computed", []ptp.Message{signaling(client, computed(6))}, both(ClaimSlaveComputed, gmA, 300e-9, 1000e-9, 1)},
		{"computed, the offset only", []ptp.Message{signaling(client, computed(4))},
			[]ClaimView{{Source: ClaimSlaveComputed, Master: gmA, Offset: 300e-9, HasOffset: true, Count: 1}}},
		{"computed, nothing valid", []ptp.Message{signaling(client, computed(1))}, nil},
		{"management", []ptp.Message{answer(client, parent), answer(client, current)}, both(ClaimManagement, gmA, 300e-9, 1000e-9, 1)},
		{"the master named later", []ptp.Message{answer(client, current), answer(client, parent)}, both(ClaimManagement, gmA, 300e-9, 1000e-9, 1)},
		{"TIME_STATUS_NP", []ptp.Message{answer(client, &ptp.TimeStatusNP{MasterOffset: -7, GmPresent: 1})},
			[]ClaimView{{Source: ClaimManagement, Offset: -7e-9, HasOffset: true, Count: 1}}},
		{"too big to be told", []ptp.Message{answer(client, &ptp.CurrentDataSet{StepsRemoved: 1, OffsetFromMaster: ptp.MaxTimeInterval, MeanPathDelay: 5 * ns})},
			[]ClaimView{{Source: ClaimManagement, MeanPathDelay: 5e-9, HasMeanPathDelay: true, Count: 1}}},
		{"a grandmaster has no offset from itself", []ptp.Message{answer(client, &ptp.CurrentDataSet{})}, nil},
		{"it became one", []ptp.Message{answer(client, current), answer(client, &ptp.CurrentDataSet{})}, nil},
		{"it is its own parent", []ptp.Message{answer(client, current), answer(client, &ptp.ParentDataSet{ParentPortIdentity: whole})}, nil},
		{"it has no grandmaster", []ptp.Message{answer(client, current), answer(client, &ptp.TimeStatusNP{})}, nil},
		{"another master", []ptp.Message{answer(client, parent, current), answer(client, &ptp.ParentDataSet{ParentPortIdentity: gmB})},
			[]ClaimView{{Source: ClaimManagement, Master: gmB, Count: 1}}},
		{"NetSync", []ptp.Message{withTLVs(ptp.Message{Type: ptp.DelayResp, SourcePortIdentity: client},
			&ptp.NetSyncMonitorResponse{ParentDS: *parent, CurrentDS: *current})}, both(ClaimNetSync, gmA, 300e-9, 1000e-9, 1)},
		{"a question is no claim", []ptp.Message{func() ptp.Message {
			m := answer(client, current)
			m.Management.Action = ptp.ActionGet
			return m
		}()}, nil},
		{"nor is what is on an Announce", []ptp.Message{withTLVs(announceFrom(client, 1), computed(6))}, nil},
		{"a clock as a whole", []ptp.Message{asks, signaling(whole, sync, delay)}, both(ClaimSlaveEvent, gmA, 300e-9, 1000e-9, 2)},
		{"a clock as a whole, heard to ask later", []ptp.Message{signaling(whole, sync), asks, signaling(whole, delay)}, both(ClaimSlaveEvent, gmA, 300e-9, 1000e-9, 2)},
		{"of which no port is heard", []ptp.Message{signaling(whole, sync, delay)}, nil},
		{"two sources", []ptp.Message{answer(client, parent, current), signaling(client, computed(6))},
			append(both(ClaimSlaveComputed, gmA, 300e-9, 1000e-9, 1), both(ClaimManagement, gmA, 300e-9, 1000e-9, 1)...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			for _, m := range tt.messages {
				b.send(m)
			}
			if diff := cmp.Diff(tt.want, b.claims(client), cmpopts.EquateApprox(1e-12, 1e-18)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// What is old is shown with its age, what is of a minute ago pairs with nothing,
// and what a port claimed goes with the port.
func TestClaimAges(t *testing.T) {
	b := newBench(t, Config{ForgetAfter: 10 * time.Minute})
	b.send(signaling(client, syncTold(gmA, 0, 1300, 0)))
	b.sleep(claimPair)
	b.send(signaling(client, delayTold(gmA, 0, 700, 0)))
	if c := b.claims(client)[0]; !c.HasOffset || c.Age != 0 {
		t.Errorf("%+v, want an offset", c)
	}
	b.sleep(2 * claimPair)
	if c := b.claims(client)[0]; c.Age != 120 {
		t.Errorf("%+v, want 120 s old", c)
	}
	b.send(signaling(client, delayTold(gmA, 0, 700, 0)))
	if c := b.claims(client)[0]; c.HasOffset || c.HasMeanPathDelay || c.Count != 3 {
		t.Errorf("%+v, want no figures of a Sync that was three minutes ago", c)
	}
	b.sleep(11 * time.Minute)
	if c := b.claims(client); c != nil {
		t.Errorf("%+v of a port that is gone", c)
	}
}

// An answer on a local socket is set beside the port that takes time, wherever
// that is heard in the domain.
func TestHandleAnswer(t *testing.T) {
	b := newBench(t, Config{})
	current := answer(ptp.PortIdentity{ClockIdentity: client.ClockIdentity}, &ptp.CurrentDataSet{StepsRemoved: 1, OffsetFromMaster: 300 * ns, MeanPathDelay: 1000 * ns})
	handle := func(m ptp.Message) bool { return b.HandleAnswer(&m, b.at, b.emit) }
	if handle(current) || len(b.View().Domains) != 0 {
		t.Error("an answer made a domain, or was taken where nothing is heard")
	}
	b.send(delayReq(client, 1))
	elsewhere, other, question := current, current, current
	elsewhere.DomainNumber, other.SdoID, question.Management.Action = 1, 0x100, ptp.ActionGet
	if handle(elsewhere) || handle(other) || handle(question) || handle(delayReq(client, 1)) {
		t.Error("taken for another domain or sdoId, of a GET, or of a Delay_Req")
	}
	if !handle(current) {
		t.Error("not taken")
	}
	want := []ClaimView{{Source: ClaimSocket, Offset: 300e-9, HasOffset: true, MeanPathDelay: 1000e-9, HasMeanPathDelay: true, Count: 1}}
	if diff := cmp.Diff(want, b.claims(client), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	b.network = "eth1"
	b.send(delayReq(client, 1))
	handle(current)
	for _, d := range b.View().Domains {
		if len(d.Ports) != 1 || len(d.Ports[0].Claims) != 1 {
			t.Errorf("%s: %+v", d.Scope.Network, d.Ports)
		}
	}
	for _, network := range []string{"eth0", "eth1"} {
		second := client
		second.PortNumber = 2
		b.network = network
		b.send(delayReq(second, 1))
	}
	if handle(current) {
		t.Error("taken, though it could be of either of two ports")
	}
}

// However many clients a stranger invents, and whatever they claim, there are no
// more claims than ports, and the true client's stays.
func TestInventedClaims(t *testing.T) {
	before := live()
	b := newBench(t, Config{Limits: Limits{Ports: 100}})
	claims := signaling(client, syncTold(gmA, 0, 1300, 0), delayTold(gmA, 0, 700, 0))
	for range 4 {
		b.send(claims)
		b.sleep(time.Second)
	}
	for i := range 20_000 {
		m := claims
		m.SourcePortIdentity = port1(ptp.ClockIdentity(0xF00000 + i))
		b.Handle(b.observation(m), func(Finding) {})
	}
	total := 0
	for _, p := range b.View().Domains[0].Ports {
		total += len(p.Claims)
	}
	if total > 100 || len(b.claims(client)) != 1 {
		t.Errorf("%d claims, %d of the true client", total, len(b.claims(client)))
	}
	if used := int64(live()) - int64(before); used > 10<<20 {
		t.Errorf("%d KiB", used>>10)
	}
}

// Whatever is claimed, a figure is a number or absent, and there is one claim of
// a source at most.
func FuzzClaims(f *testing.F) {
	f.Add(signaling(client, syncTold(gmA, 0, 1300, ptp.MaxTimeInterval), delayTold(gmA, math.MaxInt64, 0, math.MinInt64)).TLVs, false)
	f.Add(answer(client, &ptp.CurrentDataSet{StepsRemoved: 1}, &ptp.TimeStatusNP{MasterOffset: math.MinInt64, GmPresent: -1}).TLVs, true)
	f.Fuzz(func(t *testing.T, tlvs []byte, management bool) {
		b := newBench(t, Config{})
		b.send(delayReq(client, 1))
		m := ptp.Message{Type: ptp.Signaling, SourcePortIdentity: client, TLVs: tlvs}
		if management {
			m = answer(client)
			m.TLVs = tlvs
		}
		for range 2 {
			b.Handle(b.observation(m), func(Finding) {})
		}
		seen := map[ClaimSource]bool{}
		for _, c := range b.claims(client) {
			if seen[c.Source] || c.Count == 0 || c.Age != 0 {
				t.Errorf("%+v", c)
			}
			seen[c.Source] = true
			for _, v := range []float64{c.Offset, c.MeanPathDelay} {
				if math.IsNaN(v) || math.Abs(v) > 9.3e9 {
					t.Errorf("%+v: no two clocks are so far apart", c)
				}
			}
			if !c.HasOffset && c.Offset != 0 || !c.HasMeanPathDelay && c.MeanPathDelay != 0 {
				t.Errorf("%+v: a figure that is not there", c)
			}
		}
	})
}
