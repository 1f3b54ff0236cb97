// Package transit measures the way between two taps: the same message, seen at
// both by one clock, tells how long it took, and its correctionFields how long
// transparent clocks say that it did.
//
// Of a Sync, with A the forward delay to each tap as package delay has it, and
// likewise of a Delay_Req with B,
//
//	transit     = s2 - s1               what it took
//	unexplained = A2 - A1, B1 - B2      what the corrections do not account for
//	residence   = transit - unexplained what transparent clocks claim
//
// No clock but the tap's has a say in a transit, so the difference between the
// two directions is the asymmetry of the way between the taps, whoever lies.
//
// Where two hardware clocks stamp, the one's time is read on the other between
// comparisons of both with the host's oscillator (delay.Clock.Carry). By how
// much that may be wrong adds to a transit, and twice to the asymmetry.
package transit
