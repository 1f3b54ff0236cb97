// Package state keeps on disk what must outlive the process. Each value has a
// file of its own, which is replaced whole or not at all and is checked when it
// is read: whenever the process is killed, what is read next is one of the
// values that were written, never half of one.
package state
