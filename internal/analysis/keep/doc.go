// Package keep writes down what a detector has learned, to the last digit, and
// reads it back, so that another goes on with it. Types that hide their fields say
// what is to be kept of them in one list, which serves both ways.
package keep
