package detect

import "math"

// slack is how far values must lie off on average to add up, in standard
// deviations: half of the least change that is to be found quickly.
const slack = 0.5

// CUSUM adds up by how much values lie off to either side (Page 1954). Its values
// are in standard deviations. The zero value is ready.
type CUSUM struct {
	High, Low float64
	// HighFor and LowFor are how many values ago each was zero.
	HighFor, LowFor int
	Most            float64 // either ever was
}

// Add takes a value.
func (c *CUSUM) Add(z float64) {
	c.High, c.HighFor = accrue(c.High, c.HighFor, z)
	c.Low, c.LowFor = accrue(c.Low, c.LowFor, -z)
	c.Most = max(c.Most, c.High, c.Low)
}

func accrue(sum float64, count int, z float64) (float64, int) {
	if sum += z - slack; sum <= 0 {
		return 0, 0
	}
	return sum, count + 1
}

// Reset begins anew.
func (c *CUSUM) Reset() { *c = CUSUM{Most: c.Most} }

// Over says for how many values a side has been adding up that is beyond h; 0
// where none is.
func (c *CUSUM) Over(h float64) int {
	switch {
	case c.High > h && c.High >= c.Low:
		return c.HighFor
	case c.Low > h:
		return c.LowFor
	}
	return 0
}

// RunLength is how many values go by on average until a CUSUM of white noise
// passes h, whichever side does (Siegmund 1985, 2.6).
func RunLength(h float64) float64 {
	b := 2 * slack * (h + 1.166)
	return (math.Exp(b) - b - 1) / (4 * slack * slack)
}

// Budget is how many false alarms may be had in how many values, of all series
// together.
type Budget struct {
	Alarms  float64 // in Period
	Period  float64 // seconds
	Streams int     // series that are judged, each by ...
	Tests   int     // ... so many
}

// Decision is the h that keeps to a budget where a value takes so many seconds.
func (b Budget) Decision(block float64) float64 {
	values := b.Period / block * float64(max(b.Streams, 1)*max(b.Tests, 1)) / b.Alarms * (4 * slack * slack)
	x := math.Log(values)
	for range 4 { // of e^x - x - 1 = values
		x = math.Log(values + x + 1)
	}
	return max(x/(2*slack)-1.166, 5)
}
