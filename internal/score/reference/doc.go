// Package reference has simple detectors to compare others with, as somebody
// would write them who watches one figure: the mean path delay, or the
// sequenceIds. They are given the observations of the same replay and share no
// code with the analysis.
package reference
