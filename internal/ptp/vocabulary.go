package ptp

import "github.com/facebook/time/ptp/protocol"

// The types of facebook/time that say what the standard says. Identities are
// unsigned integers in octet order, so < and == are the standard's comparisons.
type (
	// ClockIdentity is an EUI-64 (IEEE 1588-2019 5.3.4).
	ClockIdentity = protocol.ClockIdentity
	// PortIdentity is a clock identity and a port number (IEEE 1588-2019 5.3.5).
	PortIdentity = protocol.PortIdentity
	// ClockQuality is class, accuracy and variance (IEEE 1588-2019 5.3.7).
	ClockQuality = protocol.ClockQuality
	// Correction is nanoseconds times 2^16 (IEEE 1588-2019 13.3.2.9).
	Correction = protocol.Correction
	// Timestamp is a 48-bit count of seconds and nanoseconds on the sender's
	// timescale (IEEE 1588-2019 5.3.3). It is not a time.Time: that takes a
	// timescale and a UTC offset.
	Timestamp = protocol.Timestamp
)
