// Package evidence keeps the frames behind critical alerts: those of the seconds
// before and after, in a pcapng file, and beside it, in a JSON file, the alerts
// and all else that they were judged by, so that a replay of the two raises them
// again.
//
// The goroutine that owns the analysis fills a ring with every frame before the
// frame is judged, and never waits. Another, in Run, writes. Each JSON file
// holds the SHA-256 of its pcapng file and of the JSON file before it, and the
// journal holds that of each JSON file: Verify finds what was changed or taken
// out.
package evidence
