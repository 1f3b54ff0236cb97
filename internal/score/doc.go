// Package score holds alerts against the truth: it replays labelled captures,
// or scenarios as they are simulated, and counts what was found, how soon, and
// what was cried for nothing. It knows what alerts say and nothing of how they
// come about.
package score
