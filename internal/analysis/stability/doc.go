// Package stability sums up series of delays and time errors: which packets to
// believe, how far a clock is off and how restless it is, by the metrics of
// ITU-T G.810, G.8260, G.8261.1, G.8271.2 and G.8273.2 and in records as of
// IEEE 1588-2019 annex J.
//
// Everything is reckoned as values come, in bounded memory. Times are
// nanoseconds of the tap's clock, values seconds less a base that only a
// restart may change. Series are irregular and have holes, while the metrics
// want one value every tau0: how the one becomes the other, and what a hole
// does, is said at Series.
//
// A Monitor has all of it for one port at one tap, in 35 KiB or less after a
// day, of which nothing is there before there is something to keep.
package stability
