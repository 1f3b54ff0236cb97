// Package jury sets the times that several grandmasters tell against each other,
// as one clock hears them, and says which of them the others contradict.
//
// A clock that hears grandmasters i and j reads how far it is ahead of each, O_i
// and O_j. Its own time cancels in
//
//	x_ij = O_i - O_j = (time of j - time of i) + (asymmetry of i - asymmetry of j) / 2
//
// so that the clock may run free, and step. What is true lies, by the word of
// each, in an interval O_i +- E_i, with
//
//	E_i = bound of the path's asymmetry + claimed accuracy + resolution of stamps + 3 sigma
//
// and the largest number of intervals that have a point in common are believed
// (Marzullo's algorithm, as of RFC 5905 11.2.1). Where f of n clocks may be
// wrong, n >= f+1 shows that one is, and n >= 2f+1 which.
//
// What a path adds always is legal and learned: the level L_i of each, frozen
// when it is known. From then on O_i - L_i are set against each other, too, and
// in place of the bound there is by how much the mean path delay M_i has moved
// since. Each direction can only be held up, and so |change of the asymmetry| / 2
// <= |change of M_i|: what a path does never puts its clock outside, unless one
// direction gets faster as the other gets slower.
//
// A Panel has up to Seats clocks, in 200 KiB or less.
package jury
