// Package simulate makes labelled PTP traffic: it reads a scenario, plays it
// in a discrete-event model of a network, writes what the taps see as pcapng
// and says what really happened.
//
// The same scenario and seed give the same bytes on the same architecture.
package simulate
