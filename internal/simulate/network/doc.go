// Package network is what frames travel through: links with their delays,
// queues and losses, switches and routers, the taps that look on and the
// devices that meddle on the way.
package network
