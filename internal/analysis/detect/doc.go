// Package detect finds changes in what is measured: when a level moved, by how
// much, in which direction of a path, and how sure that is. It knows numbers and
// times, nothing of PTP.
//
// Nothing is assumed of noise. Scales are measured on the stream itself while it
// is learned; correlation is taken out as far as a first-order process explains
// it, and what decides is raised by what the stream showed while nothing
// happened. Thresholds on blocks come from a budget of false alarms (Budget).
//
// A Gather makes blocks of single measurements. A Path judges the blocks of one
// path in both directions. Noise and CUSUM are its parts, and serve alone for any
// other series of blocks.
package detect
