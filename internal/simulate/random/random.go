// Package random gives each part of a simulation chance of its own.
package random

import (
	"hash/fnv"
	"math/rand/v2"
)

// Source is the chance that belongs to the part of this name under a seed.
// It does not depend on what other parts there are.
func Source(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // cannot fail
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
