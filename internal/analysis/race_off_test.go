//go:build !race

package analysis

// inventions is how many clocks a flood makes up.
const inventions = 1_000_000
