// Package export shows people and programs what the analysis knows: a
// Prometheus collector, the HTTP server around it, and the report of a replay
// as text, JSON or a stream of events.
//
// Everything here reads one immutable Snapshot. The engine publishes a new one
// whenever it likes and never waits for a reader; what it has forgotten is not
// in the next snapshot and so is gone from every output.
package export
