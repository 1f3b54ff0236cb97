package packet

import "time"

// ClockReading is a PTP hardware clock of the capturing host, read beside the
// host's own clocks.
type ClockReading struct {
	At    time.Time // when, as Observation.At
	Clock string    // "ptp0", as Observation.StampClock
	// Hardware is what the clock told, System what the system's clock told at the
	// same moment.
	Hardware, System time.Time
	// Steady is what the oscillator of the host had counted since the host was
	// started, the same moment: nobody sets it, and nobody steers it.
	Steady time.Duration
	// Window is how long it took to read them: the moments were no more than half
	// of it apart.
	Window time.Duration
	// Fault is why the clock could not be read; "" when it was. With it set only
	// At and Clock are to be trusted.
	Fault string
}
