// Package leap is the table of leap seconds: what currentUtcOffset and the leap
// flags of an Announce should be at a given time (IEEE 1588-2019 8.2.4). A
// table of the IERS is built in; another can be read from a file.
package leap
