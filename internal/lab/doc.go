//go:build linux

// Package lab is for testing only: it lays networks of real linuxptp clocks in
// network namespaces of its own, attacks them, and records what happened
// beside what a monitor should have made of it.
//
// Nothing here works anywhere but in such a namespace, so that no tool can be
// turned on a network by mistake, and no clock it starts has the capability to
// set the time. Load is bounded: every attack ends by itself.
package lab
