package simulate

import (
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/attack"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
)

// What devices in the way of frames do.

// deviceKeys are where a device is, and what it is after.
type deviceKeys struct {
	Links    []ref     `yaml:"links,required"`     // where the device is
	Way      way       `yaml:"direction,required"` // of the frames that it sees
	Position *share    `yaml:"position"`           // where on the link, from the first end; 50 % by default
	Messages []message `yaml:"messages"`           // types that it is after; all by default
	Client   *ref      `yaml:"client"`             // only its requests, and the answers
	Source   *ref      `yaml:"source"`             // only its messages
	Share    *share    `yaml:"share"`              // of what it is after, by chance; 100 % by default
}

// match is what the device is after.
func (k *deviceKeys) match(m *model, h *happening) attack.Match {
	match := attack.Match{Share: float64(or(k.Share, 1)), Rand: m.rand(h.name), Mark: h.mark}
	for _, t := range k.Messages {
		match.Messages = append(match.Messages, ptp.MessageType(t))
	}
	if k.Client != nil {
		if i := m.instanceOf(k.Client); i != nil {
			match.Client = i.Identity
		}
	}
	if k.Source != nil {
		if i := m.instanceOf(k.Source); i != nil {
			match.Source = i.Identity
		}
	}
	return match
}

// install puts a device into the links and takes it out at the end.
func (k *deviceKeys) install(m *model, make func() network.Device) func() func() {
	var ls []*network.Link
	for n := range k.Links {
		ls = append(ls, m.linksOf(&k.Links[n])...)
	}
	return func() func() {
		var removes []func()
		for _, l := range ls {
			removes = append(removes, l.AddDevice(make(), float64(or(k.Position, 0.5)), k.Way.sides()...))
		}
		return func() {
			for _, remove := range removes {
				remove()
			}
		}
	}
}

type delayKeys struct {
	deviceKeys
	By     duration `yaml:"by"`     // how long; below 0s it finds a shorter way
	Ramp   fraction `yaml:"ramp"`   // it gets there so slowly; at once by default
	Period period   `yaml:"period"` // it comes and goes as a sine with such a period, by as much less as more, as a fibre does with the temperature
	Spread length   `yaml:"spread"` // what is added at random, evenly spread
}

func (k *delayKeys) bind(m *model, h *happening) func() func() {
	match := k.match(m, h)
	if k.Ramp < 0 {
		m.problem(k.Links[0].line, k.Links[0].key, "ramp: a delay grows with a positive ramp, whatever its sign")
	}
	return k.install(m, func() network.Device {
		return &attack.Delay{Match: match, By: event.Time(k.By), Ramp: float64(k.Ramp), Start: h.at, Period: event.Time(k.Period), Spread: event.Time(k.Spread)}
	})
}

type dropKeys struct{ deviceKeys }

func (k *dropKeys) bind(m *model, h *happening) func() func() {
	match := k.match(m, h)
	return k.install(m, func() network.Device { return &attack.Drop{Match: match} })
}

type modifyKeys struct {
	deviceKeys
	Correction  duration `yaml:"correction"`           // added to the correctionField
	Spread      length   `yaml:"correction_spread"`    // likewise, at random, evenly spread
	Shift       duration `yaml:"timestamp"`            // added to the originTimestamp, or the other that is there
	TwoStep     *bool    `yaml:"two_step"`             // what the flag becomes
	LogInterval *int8    `yaml:"log_interval"`         // what logMessageInterval becomes
	Unsign      bool     `yaml:"strip_authentication"` // AUTHENTICATION TLVs are taken off
	Minor       *minor   `yaml:"minor_version"`        // what minorVersionPTP becomes
}

func (k *modifyKeys) bind(m *model, h *happening) func() func() {
	d := attack.Modify{
		Match: k.match(m, h), Correction: float64(k.Correction) / 1000, Spread: float64(k.Spread) / 1000,
		Shift: int64(k.Shift) / int64(event.Nanosecond), TwoStep: k.TwoStep, Minor: (*uint8)(k.Minor),
	}
	if k.LogInterval != nil {
		log := ptp.LogInterval(*k.LogInterval)
		d.LogInterval = &log
	}
	if k.Unsign {
		d.Strip = ptp.TLVAuthentication
	}
	return k.install(m, func() network.Device { own := d; return &own })
}
