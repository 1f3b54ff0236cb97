//go:build race

package analysis

// inventions is how many clocks a flood makes up. Under the race detector, which
// has nothing to find here, everything takes five times as long.
const inventions = 200_000
