package analysis

import (
	"maps"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	transports      = int(packet.UDPv6) + 1
	maxTLVTypes     = 64
	exchangeKinds   = 3
	exchangeResults = 5
)

var (
	kindNames   = [exchangeKinds]ExchangeKind{ExchangeSync, ExchangeDelay, ExchangePdelay}
	resultNames = [exchangeResults]ExchangeResult{Complete, MissingFollowUp, MissingResponse, Duplicate, Unmatched}
)

// Indices into tallies.
const (
	kindSync = iota
	kindDelay
	kindPdelay
)

const (
	resultComplete = iota
	resultMissingFollowUp
	resultMissingResponse
	resultDuplicate
	resultUnmatched
)

// counters holds one scope's counts, by interface.
type counters struct {
	interfaces []*tally
	last       *tally
}

// tally is the counts of one interface.
type tally struct {
	name      string
	messages  [16][transports]uint64
	exchanges [exchangeKinds][exchangeResults]uint64
}

// of finds or makes an interface's counts. There are as many interfaces as
// the operator named, or the capture files hold.
func (c *counters) of(name string) *tally {
	if c.last != nil && c.last.name == name {
		return c.last
	}
	i := slices.IndexFunc(c.interfaces, func(t *tally) bool { return t.name == name })
	if i < 0 {
		i = len(c.interfaces)
		c.interfaces = append(c.interfaces, &tally{name: name})
	}
	c.last = c.interfaces[i]
	return c.last
}

func (t *tally) count(o *packet.Observation) {
	t.messages[o.Message.Type&0xF][int(o.Transport)%transports]++
}

func (c *counters) messageCounts() []MessageCount {
	var out []MessageCount
	for _, t := range c.sorted() {
		for typ := range t.messages {
			for tr, n := range t.messages[typ] {
				if n > 0 {
					out = append(out, MessageCount{t.name, ptp.MessageType(typ), packet.Transport(tr), n})
				}
			}
		}
	}
	return out
}

func (c *counters) exchangeCounts() []ExchangeCount {
	var out []ExchangeCount
	for _, t := range c.sorted() {
		for kind := range t.exchanges {
			for result, n := range t.exchanges[kind] {
				if n > 0 {
					out = append(out, ExchangeCount{t.name, kindNames[kind], resultNames[result], n})
				}
			}
		}
	}
	return out
}

func (c *counters) sorted() []*tally {
	return slices.SortedFunc(slices.Values(c.interfaces), func(a, b *tally) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
}

// countTLVs counts TLVs by type, known or not; beyond maxTLVTypes types a new
// one is not told apart.
func (d *domain) countTLVs(b []byte) {
	for typ := range ptp.AllTLVs(b) {
		if n, ok := d.tlvs[typ]; ok {
			*n++
			continue
		}
		if len(d.tlvs) >= maxTLVTypes {
			d.otherTLVs++
			continue
		}
		n := uint64(1)
		d.tlvs[typ] = &n
	}
}

func (d *domain) tlvCounts() []TLVCount {
	var out []TLVCount
	for _, typ := range slices.Sorted(maps.Keys(d.tlvs)) {
		out = append(out, TLVCount{Type: typ, Count: *d.tlvs[typ]})
	}
	return out
}
