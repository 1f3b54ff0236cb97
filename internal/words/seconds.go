// Package words prints what people read: times in seconds, with the unit that an
// engineer would choose.
package words

import (
	"math"
	"strconv"
)

var units = [...]struct {
	name string
	size float64
}{{"ns", 1e-9}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}}

// Short prints a time with so many significant digits: "14.8 µs".
func Short(seconds float64, digits int) string {
	return inUnit(seconds, func(v float64, _ string) string { return strconv.FormatFloat(v, 'g', digits, 64) })
}

// Fixed prints a time with three places, nanoseconds with one, as a column wants
// it.
func Fixed(seconds float64) string {
	if seconds == 0 {
		return "0 ns"
	}
	return inUnit(seconds, func(v float64, unit string) string {
		if unit == "ns" {
			return strconv.FormatFloat(v, 'f', 1, 64)
		}
		return strconv.FormatFloat(v, 'f', 3, 64)
	})
}

// inUnit takes the first unit of which there are less than a thousand, as printed.
func inUnit(seconds float64, digits func(v float64, unit string) string) (text string) {
	for _, u := range units {
		number := digits(seconds/u.size, u.name)
		text = number + " " + u.name
		if v, err := strconv.ParseFloat(number, 64); err == nil && math.Abs(v) < 1000 {
			return text
		}
	}
	return text
}
