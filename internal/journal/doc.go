// Package journal keeps an append-only record of what the agent found and of
// what operators did: JSON objects, one a line, each on the disk before it
// counts as recorded.
//
// Each record holds the SHA-256 of the line before it, so that a line that is
// changed or taken out is missed. Lines are in segments, files of up to an
// eighth of what the journal may take; the oldest segments go when it is full
// or they are too old. After a crash the half line at the end, which nobody was
// told is recorded, is cut off and counted, and the journal goes on.
package journal
