// Package analysis turns observations into state and findings. It reads no
// clock, starts no goroutine and does no I/O: time is an argument, so a replay
// of the same bytes gives the same findings.
package analysis
