// Package labtest gives tests a network namespace of their own, and cables in
// it. They need root.
package labtest
