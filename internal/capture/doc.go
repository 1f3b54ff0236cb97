// Package capture turns bytes into observations: it reads capture files and
// listens to interfaces, walks link layers down to PTP and hands on one
// packet.Observation a message, in time order.
//
// Files replays captures; Live listens, on Linux. Both give the same
// observations, but that a live frame has the stamps of two clocks, the NIC's
// and the system's, and that its time goes on evenly when the system's clock is
// set.
//
// Input is hostile. No length is believed before it is checked against what is
// there and against a limit, so a small file cannot ask for much memory, and a
// frame that is wrong is counted, never dropped in silence.
package capture
