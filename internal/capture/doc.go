// Package capture turns bytes into observations: it reads capture files, walks
// link layers down to PTP and hands on one packet.Observation a message, in
// time order.
//
// Input is hostile. No length is believed before it is checked against what is
// there and against a limit, so a small file cannot ask for much memory, and a
// frame that is wrong is counted, never dropped in silence.
package capture
