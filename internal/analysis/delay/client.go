package delay

import (
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Client is what the requests of one client to one port gave. As the requests
// of all clients take the same way from the tap on, each gives the same mean
// path delay: the one that differs is tampered with, or told another time.
type Client struct {
	Master ptp.PortIdentity
	Tap    string
	Count  uint64
	Last   int64        // capture time of the newest, ns
	recent [16]Interval // mean path delays, around
}

func (c *Client) add(m Interval, now int64) {
	c.Last = now
	c.recent[c.Count%uint64(len(c.recent))] = m
	c.Count++
}

// MeanPathDelay is the median of the last 16, in seconds; false while there is
// none.
func (c *Client) MeanPathDelay() (float64, bool) {
	n := min(c.Count, uint64(len(c.recent)))
	if n == 0 {
		return 0, false
	}
	sorted := c.recent
	slices.Sort(sorted[:n])
	return sorted[(n-1)/2].Seconds(), true
}
