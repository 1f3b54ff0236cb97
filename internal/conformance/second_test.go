package conformance

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// seen is who was measured, and where.
type seen struct {
	network string
	domain  uint8
	sdo     ptp.SdoID
	tap     string
	port    ptp.PortIdentity
}

// value is a measurement in ns, when the message was at the tap, and the place
// in the capture of the message that completed it.
type value struct {
	ns   float64
	at   int64
	done int
}

// figures are all values of a port: A, B, M, D and O.
type figures struct{ a, b, m, d, o []value }

// A second implementation of what is measured, straight from the formulas and
// by looking for each message's partner in the whole capture. It shares no code
// with the first.
type second struct{ all []packet.Observation }

func (s second) same(i, j int) bool {
	a, b := &s.all[i], &s.all[j]
	return a.Network == b.Network && a.Tap == b.Tap && a.Message.DomainNumber == b.Message.DomainNumber && a.Message.SdoID == b.Message.SdoID
}

// find looks for the first message that fits and came within so long of i, in
// either direction.
func (s second) find(i int, within time.Duration, fits func(m *ptp.Message, o *packet.Observation) bool) int {
	for j := range s.all {
		o := &s.all[j]
		if o.Malformed == "" && o.V1 == nil && s.same(i, j) && o.At.Sub(s.all[i].At).Abs() <= within && fits(&o.Message, o) {
			return j
		}
	}
	return -1
}

func (s second) who(i, sender int) seen {
	o := &s.all[i]
	return seen{o.Network, o.Message.DomainNumber, o.Message.SdoID, o.Tap, s.all[sender].Message.SourcePortIdentity}
}

func cf(m *ptp.Message) float64 { return float64(m.CorrectionField) / 65536 }

func told(m *ptp.Message) int64 {
	var s int64
	for _, b := range m.Timestamp.Seconds {
		s = s<<8 | int64(b)
	}
	return s*1e9 + int64(m.Timestamp.Nanoseconds)
}

const simple = ptp.FlagUnicast | ptp.FlagProfileSpecific1 // SPTP

// measure works everything out.
func (s second) measure() map[seen]*figures {
	found := map[seen]*figures{}
	of := func(w seen) *figures {
		if found[w] == nil {
			found[w] = &figures{}
		}
		return found[w]
	}
	for i := range s.all {
		o := &s.all[i]
		if o.Malformed != "" || o.V1 != nil {
			continue
		}
		switch m := &o.Message; m.Type {
		case ptp.Sync:
			if ns, done, ok := s.forward(i); ok {
				f := of(s.who(i, i))
				f.a = append(f.a, value{ns, o.Stamp.UnixNano(), done})
			}
		case ptp.DelayReq:
			for _, v := range s.reverse(i) {
				f := of(s.who(i, v.done))
				f.b = append(f.b, v)
			}
		}
	}
	s.links(of)
	for _, f := range found {
		f.combine()
	}
	return found
}

// forward is A = s - t1 - cf(Sync) - cf(Follow_Up).
func (s second) forward(i int) (ns float64, done int, ok bool) {
	o := &s.all[i]
	m := &o.Message
	if m.Flags.Has(simple) {
		j := s.find(i, 4*time.Second, func(a *ptp.Message, p *packet.Observation) bool {
			return a.Type == ptp.AnnounceMessage && a.SourcePortIdentity == m.SourcePortIdentity && a.SequenceID == m.SequenceID &&
				p.Destination.Addr() == o.Destination.Addr()
		})
		if j < 0 {
			return 0, 0, false
		}
		return float64(o.Stamp.UnixNano()-told(&s.all[j].Message)) - cf(m), j, true
	}
	if !m.Flags.Has(ptp.FlagTwoStep) {
		return float64(o.Stamp.UnixNano()-told(m)) - cf(m), i, true
	}
	j := s.find(i, 4*time.Second, func(f *ptp.Message, p *packet.Observation) bool {
		return f.Type == ptp.FollowUp && f.SourcePortIdentity == m.SourcePortIdentity && f.SequenceID == m.SequenceID &&
			p.Destination.Addr() == o.Destination.Addr() && p.DestinationMAC == o.DestinationMAC
	})
	if j < 0 {
		return 0, 0, false
	}
	f := &s.all[j].Message
	return float64(o.Stamp.UnixNano()-told(f)) - cf(m) - cf(f), max(i, j), true
}

// reverse is B = t4 - r - (cf(Delay_Resp) - cf(Delay_Req)), of everybody who
// answers.
func (s second) reverse(i int) (list []value) {
	o := &s.all[i]
	m := &o.Message
	answers := func(typ ptp.MessageType) int {
		return s.find(i, 2*time.Second, func(f *ptp.Message, p *packet.Observation) bool {
			return f.Type == typ && f.SequenceID == m.SequenceID && p.Destination.Addr() == o.Source.Addr() && p.Source.Addr() == o.Destination.Addr()
		})
	}
	if m.Flags.Has(simple) { // t4 is in the Sync, the correction in the Announce
		j, k := answers(ptp.Sync), answers(ptp.AnnounceMessage)
		if j < 0 || k < 0 {
			return nil
		}
		return []value{{float64(told(&s.all[j].Message)-o.Stamp.UnixNano()) - (cf(&s.all[k].Message) - cf(m)), o.Stamp.UnixNano(), k}}
	}
	var answered []ptp.PortIdentity
	for {
		j := s.find(i, 2*time.Second, func(f *ptp.Message, _ *packet.Observation) bool {
			return f.Type == ptp.DelayResp && f.PortIdentity == m.SourcePortIdentity && f.SequenceID == m.SequenceID &&
				!slices.Contains(answered, f.SourcePortIdentity)
		})
		if j < 0 {
			return list
		}
		f := &s.all[j].Message
		answered = append(answered, f.SourcePortIdentity)
		list = append(list, value{float64(told(f)-o.Stamp.UnixNano()) - (cf(f) - cf(m)), o.Stamp.UnixNano(), j})
	}
}

// links is D = ((r(Pdelay_Resp) - r(Pdelay_Req)) - rho T) / 2.
func (s second) links(of func(seen) *figures) {
	type pair struct{ tap, theirs int64 }
	before, rates := map[seen]pair{}, map[seen][]float64{}
	for i := range s.all {
		o := &s.all[i]
		m := &o.Message
		if m.Type != ptp.PdelayReq {
			continue
		}
		j := s.find(i, 2*time.Second, func(f *ptp.Message, _ *packet.Observation) bool {
			return f.Type == ptp.PdelayResp && f.PortIdentity == m.SourcePortIdentity && f.SequenceID == m.SequenceID
		})
		if j < 0 {
			continue
		}
		f, turn, done := &s.all[j].Message, cf(&s.all[j].Message)-cf(m), j
		if f.Flags.Has(ptp.FlagTwoStep) {
			k := s.find(i, 2*time.Second, func(u *ptp.Message, _ *packet.Observation) bool {
				return u.Type == ptp.PdelayRespFollowUp && u.PortIdentity == m.SourcePortIdentity && u.SequenceID == m.SequenceID &&
					u.SourcePortIdentity == f.SourcePortIdentity
			})
			if k < 0 {
				continue
			}
			u := &s.all[k].Message
			turn, done = turn+cf(u)+float64(told(u)-told(f)), max(j, k)
		}
		w, now := s.who(j, j), pair{o.Stamp.UnixNano(), told(f)}
		last, any := before[w]
		before[w] = now
		if any {
			ours, theirs := float64(now.tap-last.tap), float64(now.theirs-last.theirs)
			rates[w] = append(rates[w], (ours-theirs)/theirs)
		}
		if len(rates[w]) == 0 {
			continue // the rate is not known
		}
		lately := slices.Clone(rates[w][max(0, len(rates[w])-5):])
		slices.Sort(lately)
		rho := 1 + lately[len(lately)/2]
		g := of(w)
		g.d = append(g.d, value{(float64(s.all[j].Stamp.UnixNano()-o.Stamp.UnixNano()) - rho*turn) / 2, o.Stamp.UnixNano(), done})
	}
}

// combine is M = (A + B) / 2 and O = (A - B) / 2, A being read on the straight
// line between the Syncs around the request, or O = A - D, D being the median
// of the last 16.
func (f *figures) combine() {
	syncs := slices.SortedFunc(slices.Values(f.a), func(x, y value) int { return int(min(max(x.at-y.at, -1), 1)) })
	apart := syncs[:0:0] // by 10 ms at least
	for _, v := range syncs {
		if n := len(apart); n == 0 || v.at >= apart[n-1].at+10e6 {
			apart = append(apart, v)
		}
	}
	for _, b := range f.b {
		for i := range max(0, len(apart)-1) {
			p, q := apart[i], apart[i+1]
			if b.at < p.at || b.at > q.at || q.at-p.at > 10e9 {
				continue
			}
			a := p.ns + (q.ns-p.ns)*float64(b.at-p.at)/float64(q.at-p.at)
			f.m = append(f.m, value{ns: (a + b.ns) / 2})
			f.o = append(f.o, value{ns: (a - b.ns) / 2})
			break
		}
	}
	if len(f.b) > 0 {
		return
	}
	for _, a := range f.a {
		var d []float64
		for _, v := range f.d {
			if v.done < a.done {
				d = append(d, v.ns)
			}
		}
		if d = d[max(0, len(d)-16):]; len(d) > 0 {
			slices.Sort(d)
			f.o = append(f.o, value{ns: a.ns - d[(len(d)-1)/2]})
		}
	}
}

// summed are values in seconds, with so much added.
func summed(all []value, add float64) analysis.Summary {
	if len(all) == 0 {
		return analysis.Summary{}
	}
	ns := make([]float64, len(all))
	for i, v := range all {
		ns[i] = (v.ns + add) * 1e-9
	}
	slices.Sort(ns)
	rank := func(q float64) float64 { return ns[int(math.Ceil(q*float64(len(ns))))-1] }
	return analysis.Summary{Count: uint64(len(ns)), Min: ns[0], Median: rank(0.5), P99: rank(0.99), Max: ns[len(ns)-1]}
}

// tai says whether a port tells TAI, as it announces or, where it announces
// nothing, as the others of its domain do.
func (s second) tai(w seen) (tai bool) {
	own := false
	for i := range s.all {
		o := &s.all[i]
		if o.Message.Type != ptp.AnnounceMessage || s.who(i, i).network != w.network || s.who(i, i).domain != w.domain {
			continue
		}
		if mine := o.Message.SourcePortIdentity == w.port; mine || !own {
			own, tai = mine, o.Message.Flags.Has(ptp.FlagPTPTimescale)
		}
	}
	return tai
}

// view is what the figures are shown as. Offsets are told of clocks that tell
// UTC, or TAI and are 37 s ahead of the capture; else one direction's delay is
// less its median.
func (f *figures) view(tai bool) (v analysis.TimingView) {
	v.MeanPathDelay, v.MeanLinkDelay = summed(f.m, 0), summed(f.d, 0)
	apart := 0.0
	switch {
	case len(f.a) > 0:
		apart = f.a[0].ns
	case len(f.b) > 0:
		apart = -f.b[0].ns
	}
	leap := 0.0
	if tai && math.Abs(apart+37e9) < math.Abs(apart) {
		leap = 37e9
	}
	known := math.Abs(apart+leap) < 0.5e9
	if known {
		v.Offset = summed(f.o, leap)
	}
	if v.Relative = !known || len(f.d) == 0 && (len(f.a) == 0 || len(f.b) == 0); !v.Relative {
		v.Forward, v.Reverse = summed(f.a, leap), summed(f.b, -leap)
		return v
	}
	less := func(all []value) analysis.Summary {
		if len(all) < 3 {
			return analysis.Summary{}
		}
		return summed(all, -1e9*summed(all, 0).Median)
	}
	v.Forward, v.Reverse = less(f.a), less(f.b)
	v.Relative = v.Forward.Count+v.Reverse.Count > 0
	return v
}

// Both implementations see the same in every recording that is shipped: every
// port, every figure, and none where there is none.
func TestSecondImplementation(t *testing.T) {
	files, err := filepath.Glob("../../testdata/captures/*.pcap*")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, name := range append(files, "../agent/demo/demo.pcapng.gz") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			agree(t, observations(t, name, nil))
		})
	}
}

// In simulated traffic there is what the recordings lack: clocks that run free,
// stamps of 8 ns, unicast and peer delay of one step.
func TestSecondImplementationOnSimulations(t *testing.T) {
	for _, c := range []chain{
		{"default", "udpv4", "hybrid", "false", "true"}, {"g8275.1", "ieee802.3", "multicast", "true", "plain"}, {"g8275.2", "udpv6", "unicast", "false", "true"},
		{"sptp", "udpv6", "unicast", "true", "false"},
	} {
		t.Run(c.profile, func(t *testing.T) {
			t.Parallel()
			all, _ := played(t, c.scenario("oscillator: tcxo, frequency: 20ppm"), 1)
			agree(t, all)
		})
	}
}

func agree(t *testing.T, all []packet.Observation) {
	t.Helper()
	want := map[string]analysis.TimingView{}
	s := second{all}
	for w, f := range s.measure() {
		want[fmt.Sprint(w)] = f.view(s.tai(w))
	}
	got := map[string]analysis.TimingView{}
	for _, d := range tracked(all, analysis.Config{}).Domains {
		for _, p := range d.Ports {
			for _, v := range p.Timings {
				got[fmt.Sprint(seen{d.Scope.Network, d.Scope.DomainNumber, d.Scope.SdoID, v.Tap, p.Port})] = v
			}
		}
	}
	maps.DeleteFunc(want, func(_ string, v analysis.TimingView) bool { return v == (analysis.TimingView{}) })
	// A float64 of 37 s resolves 7 ps of a nanosecond's count.
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-11),
		cmpopts.IgnoreFields(analysis.TimingView{}, "Tap", "StampSource", "StampClock", "Resolution", "Statistics", "Path"),
		cmpopts.IgnoreFields(analysis.Summary{}, "Last", "Age")); diff != "" {
		t.Errorf("timing (-second +first):\n%s", diff)
	}
}
