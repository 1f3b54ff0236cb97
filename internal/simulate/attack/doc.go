// Package attack is what somebody does to PTP traffic who should not: devices
// in the way of frames, and a host that sends its own. Each does only what can
// be done from where it stands.
package attack
