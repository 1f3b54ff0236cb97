// Package tamper looks for the marks of a device in the way of messages: one
// that changes correctionFields, or that holds up some messages and not others.
// It is statistics alone, and knows no clock and no alert.
//
// Messages of one direction between a port and a tap are taken in blocks of 64.
// Of a block, the line along which the least delays go is taken off, so that a
// tap's clock that runs free shows nothing; what is left of each delay, and the
// correction that it was reckoned with, make its Shape. What is usual is learned
// from the first blocks and is frozen then.
//
// With raw = corrected delay + correction, a transparent clock (IEEE 1588-2019
// 10.2) makes the corrected delay steadier than the raw one. So
//
//   - where a correction is false, what is false of it shows in the corrected
//     delay with the other sign, and not at all in the raw one;
//   - where a delay is not corrected, it shows in both, and not in the correction;
//   - where a transparent clock tells the truth, waiting shows in the correction
//     and in the raw delay, and not in the corrected one.
//
// All times are nanoseconds.
package tamper
