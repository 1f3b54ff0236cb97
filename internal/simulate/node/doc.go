// Package node is the simulated clocks: PTP Instances with their ports, the
// best master clock algorithms, servos, transparent clocks, and hosts that
// send what they should not.
//
// All of it is written from the standards' figures for the simulator and
// shares no code with the analysis that is judged by it.
package node
