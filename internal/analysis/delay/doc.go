// Package delay works out what a tap can know of the way between itself and a
// clock: how long messages take each way, and how far the tap's clock is from
// that clock. It does so from the tap's own stamps and what the messages say.
//
// With s and r the tap's times of a Sync and a Delay_Req, t1 and t4 the port's
// times of the same, and every correctionField as it is at the tap:
//
//	A = s - t1 - cf(Sync) - cf(Follow_Up)                  forward
//	B = t4 - r - (cf(Delay_Resp) - cf(Delay_Req))          reverse
//	M = (A + B) / 2    mean path delay: the tap's clock cancels
//	O = (A - B) / 2    tap minus port, off by half the asymmetry of the path
//
// and of peer delay, with D the mean delay between the tap and the responder,
//
//	D = ((r(Pdelay_Resp) - r(Pdelay_Req)) - rho T) / 2
//	T = t3 - t2 + cf(Pdelay_Resp) + cf(Pdelay_Resp_Follow_Up) - cf(Pdelay_Req)
//	O = A - D
//
// where rho is the rate of the tap's clock against the responder's
// (IEEE 1588-2019 11.2, 11.3, 11.4).
//
// Times are integers throughout: a float64 of the time of day is 200 ns
// coarse. Floats serve only small differences and statistics.
package delay
