//go:build linux && amd64

package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/test/hardware"
)

// A player plays one step. After the first error it does nothing more.
type player struct {
	step    hardware.Step
	err     error
	running []*process
}

// play returns what came of a step. Nothing it started is left.
func play(name string, step func(*player)) hardware.Step {
	p := &player{step: hardware.Step{Name: name}}
	began := time.Now()
	step(p)
	for _, process := range p.running {
		process.kill()
	}
	if p.err != nil {
		p.step.Fault = p.err.Error()
	}
	fmt.Printf("guest: %s took %v\n", name, time.Since(began).Round(time.Millisecond))
	return p.step
}

// start starts a program and waits until it is ready.
func (p *player) start(what program) *process {
	if p.err != nil {
		return nil
	}
	var started *process
	if started, p.err = start(what); p.err != nil {
		return nil
	}
	p.running = append(p.running, started)
	p.until(what.ready)
	return started
}

func (p *player) stop(process *process) {
	if p.err == nil {
		p.err = process.stop()
	}
}

func (p *player) rest(d time.Duration) {
	if p.err == nil {
		time.Sleep(d)
	}
}

// A condition is waited for.
type condition struct {
	what string
	met  func() (bool, error)
}

// patience is how long anything may take in a machine that is only emulated.
const patience = 40 * time.Second

func (p *player) until(c condition) {
	if p.err == nil {
		p.err = c.wait()
	}
}

func (c condition) wait() error {
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if met, err := c.met(); met || err != nil {
			return err
		}
		if time.Since(began) > patience {
			return fmt.Errorf("waited %v in vain: %s", patience, c.what)
		}
	}
}

// note adds what the NICs are set to now.
func (p *player) note(when string) {
	s := hardware.Settings{When: when}
	if p.err == nil {
		s.Client, p.err = stamping(hardware.ClientNIC)
	}
	if p.err == nil {
		s.Grandmaster, p.err = stamping(hardware.GrandmasterNIC)
	}
	p.step.Settings = append(p.step.Settings, s)
}

// askClient takes what the client counted and measured.
func (p *player) askClient() {
	if p.err == nil {
		p.step.Client, p.err = askClient()
	}
}

// interfaces takes what ptpwatch says of the NICs.
func (p *player) interfaces() {
	if p.err == nil {
		p.step.Interfaces, p.err = interfaces()
	}
}

// scrape takes the agent's metrics and its report.
func (p *player) scrape() {
	if p.err == nil {
		p.step.Metrics, p.err = get("/metrics")
	}
	if p.err == nil {
		var report string
		report, p.err = get("/api/v1/report")
		p.step.Report = json.RawMessage(report)
	}
}

// stopAgent stops the agent and takes what it logged.
func (p *player) stopAgent(agent *process) {
	p.stop(agent)
	if p.err == nil {
		p.step.Log = agent.output()
	}
}
