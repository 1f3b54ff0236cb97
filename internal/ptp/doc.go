// Package ptp is the vocabulary of IEEE 1588 and its codec: messages, TLVs,
// identities, intervals. It stands on facebook/time's protocol types where
// those say what the standard says, and does no I/O.
package ptp
