package capture

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"
)

// settleTime is what a frame may take from its stamp into its socket. Only what
// is older than that can have been read for certain.
const settleTime = 2 * time.Millisecond

const endOfTime = math.MaxInt64

// merge puts the messages of several interfaces in order of time.
type merge struct {
	held   []*caught
	newest int64 // time of the youngest that left
}

func (m *merge) push(c *caught) { m.held = append(m.held, c) }

// pop takes out what is not younger than a time, the oldest first. One that
// comes after a younger one has left is late, and counted.
func (m *merge) pop(until int64) iter.Seq[*caught] {
	return func(yield func(*caught) bool) {
		byTime := func(a, b *caught) int { return cmp.Compare(a.at, b.at) }
		if !slices.IsSortedFunc(m.held, byTime) {
			slices.SortStableFunc(m.held, byTime)
		}
		n := 0
		for n < len(m.held) && m.held[n].at <= until {
			c := m.held[n]
			n++
			if c.at < m.newest {
				c.from.late++
			}
			m.newest = max(m.newest, c.at)
			if !yield(c) {
				break
			}
		}
		m.held = slices.Delete(m.held, 0, n)
	}
}
