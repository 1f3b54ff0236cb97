package transit

import (
	"math"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// bearing tells which way messages go between two taps that two clocks stamp.
// By how much these are compared wrong may be more than what messages take, so
// that they seem to arrive before they leave. But Syncs go one way and the
// requests for them the other, and whatever makes the one longer makes the
// other shorter: their sum is right.
type bearing struct {
	mean  [2]float64 // signed transit of Syncs, and of requests, s
	count [2]int
}

// bearingKey is a way between two taps, by their names in order, that leads to
// or from a port.
type bearingKey struct {
	one, two string
	port     ptp.PortIdentity
}

const (
	// maxBearings is how many are kept. When there are more, all are learned anew.
	maxBearings = 256
	// bearingSure is how many messages of a kind it takes.
	bearingSure = 4
)

// add takes a signed transit, and says whether the message went the other way;
// sure is false as long as that cannot be told.
func (b *bearing) add(request bool, transit, within float64) (back, sure bool) {
	kind := 0
	if request {
		kind = 1
	}
	b.count[kind]++
	b.mean[kind] += (transit - b.mean[kind]) / float64(min(b.count[kind], 16))
	switch {
	case b.count[0] >= bearingSure && b.count[1] >= bearingSure:
		return (b.mean[0] < b.mean[1]) != request, true
	case b.count[kind] >= bearingSure && b.count[1-kind] == 0:
		return b.mean[kind] < 0, math.Abs(b.mean[kind]) > within
	}
	return false, false
}
