//go:build linux && amd64

package main

import "time"

// steps in their order: the first finds NICs that nobody has set up.
var steps = []struct {
	name string
	play func(*player)
}{
	{"enable", enable},
	{"enable, then ptp4l", enableThenPTP4L},
	{"observe", observe},
}

// enable lets the agent switch on a NIC that nobody uses.
func enable(p *player) {
	p.note("before")
	agent := p.start(agent("enable"))
	p.until(receiving)
	p.note("agent runs")
	p.stopAgent(agent)
	p.note("agent left")
}

// enableThenPTP4L starts a clock on a NIC that the agent has switched on.
func enableThenPTP4L(p *player) {
	agent := p.start(agent("enable"))
	p.until(receiving)
	p.note("agent runs")
	client := p.start(client)
	p.note("ptp4l runs")
	p.rest(3 * time.Second) // the agent looks every second
	p.note("agent has seen it")
	p.scrape()
	p.stopAgent(agent)
	p.note("agent left")
	p.stop(client)
}

// observe listens beside a client and its grandmaster, which is the last to
// come and the first to go: what the client counts is what there was to see.
func observe(p *player) {
	p.stop(p.start(grandmaster)) // leaves its NIC as it wants it
	client := p.start(client)
	p.note("before")
	p.interfaces()
	agent := p.start(agent("observe"))
	grandmaster := p.start(grandmaster)
	p.until(measured)
	p.note("agent runs")
	p.stop(grandmaster)
	p.askClient()
	p.rest(2 * time.Second) // what the agent shows is up to a second old
	p.scrape()
	p.stopAgent(agent)
	p.note("agent left")
	p.stop(client)
}
