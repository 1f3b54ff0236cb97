package oscillator

import (
	"maps"
	"slices"
)

// Class is a kind of oscillator: how good it is. Deviations are fractional
// (1e-9 is a nanosecond a second), phases picoseconds.
type Class struct {
	Name string
	// Offset bounds the frequency offset at the start.
	Offset float64
	// WhitePM is the noise of each reading, rms.
	WhitePM float64
	// WhiteFM, FlickerFM and RandomWalkFM are the Allan deviations at 1 s that
	// each noise has by itself: it falls with the root of tau, stays, and rises
	// with it.
	WhiteFM, FlickerFM, RandomWalkFM float64
	// Temperature is what the frequency follows.
	Temperature Swing
	// Loop disciplines the oscillator to a reference, unless it is zero.
	Loop Loop
	// Specification is the Allan deviation that the class is held to, at a
	// constant temperature.
	Specification []Point
}

// Swing is a sine of the frequency.
type Swing struct {
	Amplitude float64
	Period    float64 // seconds
}

// Loop is a proportional-integral loop, closed once a second, and the phase
// noise of what it follows: white, and a wander that is forgotten slowly.
type Loop struct {
	TimeConstant float64 // seconds
	White        float64 // ps rms
	Wander       float64 // ps rms
	WanderTime   float64 // seconds
}

// Point is an Allan deviation at an averaging time in seconds.
type Point struct{ Tau, Deviation float64 }

const (
	day  = 86400.0
	hvac = 1800.0 // how often an air conditioner turns
)

// classes has the classes by their names. The figures are those of ordinary
// parts of each kind: a TCXO as on network cards, an OCXO as in a good switch
// or grandmaster, a rubidium standard, and an OCXO that a GNSS receiver
// disciplines.
var classes = map[string]Class{
	"perfect": {Name: "perfect"},
	"tcxo": {
		Name: "tcxo", Offset: 2e-6, WhitePM: 50, WhiteFM: 2e-10, FlickerFM: 2e-10, RandomWalkFM: 2e-11,
		Temperature:   Swing{2e-8, hvac},
		Specification: []Point{{1, 3.0e-10}, {3, 2.4e-10}, {10, 2.2e-10}, {30, 2.3e-10}, {100, 2.8e-10}, {300, 4.0e-10}, {1000, 6.6e-10}},
	},
	"ocxo": {
		Name: "ocxo", Offset: 2e-8, WhitePM: 10, WhiteFM: 5e-12, FlickerFM: 5e-12, RandomWalkFM: 2e-13,
		Temperature:   Swing{2e-10, day},
		Specification: []Point{{1, 1.9e-11}, {3, 8.2e-12}, {10, 5.6e-12}, {30, 5.2e-12}, {100, 5.4e-12}, {300, 6.1e-12}, {1000, 8.1e-12}},
	},
	"rb": {
		Name: "rb", Offset: 5e-11, WhitePM: 10, WhiteFM: 2e-11, FlickerFM: 5e-13, RandomWalkFM: 5e-15,
		Temperature:   Swing{5e-12, day},
		Specification: []Point{{1, 2.6e-11}, {3, 1.3e-11}, {10, 6.6e-12}, {30, 3.7e-12}, {100, 2.1e-12}, {300, 1.3e-12}, {1000, 8.2e-13}},
	},
	"gnss": {
		Name: "gnss", Offset: 2e-8, WhitePM: 10, WhiteFM: 5e-12, FlickerFM: 5e-12, RandomWalkFM: 2e-13,
		Temperature:   Swing{2e-10, day},
		Loop:          Loop{TimeConstant: 200, White: 1000, Wander: 4000, WanderTime: 2000},
		Specification: []Point{{1, 2.1e-11}, {3, 1.0e-11}, {10, 6.8e-12}, {30, 6.5e-12}, {100, 7.5e-12}, {300, 7.4e-12}, {1000, 4.4e-12}},
	},
}

// Named returns the class of a name, and whether there is one.
func Named(name string) (Class, bool) {
	c, ok := classes[name]
	return c, ok
}

// Names are the names of all classes.
func Names() []string { return slices.Sorted(maps.Keys(classes)) }
