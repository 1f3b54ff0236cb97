// Package audit records what was watched and measured, a quarter of an hour at
// a time, and makes of such records what an auditor reads.
//
// A Recorder looks at what the analysis shows once a second, and sums it up in
// Quarters (IEEE 1588-2019 annex J has a clock keep such records of itself).
// Whoever runs it puts them in the journal, whose chain of hashes shows what is
// missing. Read takes a period out of a journal, and Write prints it.
//
// One rule is above all others: time is only ever within a limit if it was
// measured. Silence, a tap that is deaf, an agent that does not run, a bound
// that is too wide: all of that is "not shown".
package audit
