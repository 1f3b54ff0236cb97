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
	Last   int64 // capture time of the newest, ns
	Met    bool  // for whoever lists clients: it is listed
	means  recent
}

func (c *Client) add(mean Interval, now int64) {
	c.Last = now
	c.means.add(mean)
}

// Count is how many mean path delays there were.
func (c *Client) Count() uint64 { return c.means.count }

// MeanPathDelay is the median of the last 16, in seconds; false while there is
// none.
func (c *Client) MeanPathDelay() (float64, bool) {
	if c.means.count == 0 {
		return 0, false
	}
	return c.means.median().Seconds(), true
}

// Recent are the least, the first quartile and the median of its last 16 mean
// path delays; false while there are fewer.
func (c *Client) Recent() (least, low, median Interval, ok bool) {
	if c.means.count < uint64(len(c.means.values)) {
		return 0, 0, 0, false
	}
	sorted := c.means.values
	slices.Sort(sorted[:])
	n := len(sorted)
	return sorted[0], sorted[n/4], sorted[(n-1)/2], true
}
