// Package e2e has no code, only tests of the whole: the agent's binary beside
// real ptp4l clocks in network namespaces, a real Prometheus that scrapes it,
// and what that has stored held against what pmc says of the same clocks.
//
// The tests need root and what make deps installs, and fail where that is
// missing.
package e2e
