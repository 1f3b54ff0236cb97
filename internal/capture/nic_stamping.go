package capture

import (
	"errors"
	"fmt"
	"strings"
)

// nicSettings is what we ask of the kernel about NICs. Tests have NICs of
// their own, which stamp in hardware.
type nicSettings interface {
	read(name string) (NIC, error)
	config(name string) (HardwareConfig, error)
	setConfig(name string, c HardwareConfig) error
}

// errFilterRefused: the driver does not have that filter.
var errFilterRefused = errors.New("rx_filter not supported")

// stamping looks after the stamping of one NIC. Nobody owns a NIC's settings
// and the kernel cannot compare and set, so we look before we change anything
// and again before we take it back.
type stamping struct {
	nics    nicSettings
	options StampOptions
	onSet   func(Setting) // may be nil

	nic    NIC
	choice Choice
	// What we changed the settings from and to; valid while ours, that is
	// until somebody else changes them.
	before, granted HardwareConfig
	ours            bool
}

// look reads the NIC anew and, where the options say so and nobody uses it,
// switches its stamping on. It is for a NIC that has just come up: while it is
// up, what others do is left alone.
func (s *stamping) look(name string) {
	nic, err := s.nics.read(name)
	if err != nil {
		s.nic, s.ours = NIC{Name: name}, false
		s.choice = s.options.software("the NIC's abilities cannot be read: "+err.Error(), "")
		return
	}
	s.nic = nic
	s.ours = s.ours && nic.ConfigError == "" && nic.Config == s.granted
	s.choice = Decide(nic, s.options)
	if len(s.choice.Request) > 0 {
		s.enable()
	}
}

// enable asks for one filter after the other until one is granted.
func (s *stamping) enable() {
	before := s.nic.Config
	var refusals []string
	for _, filter := range s.choice.Request {
		wanted := before
		wanted.RxFilter = filter
		err := s.nics.setConfig(s.nic.Name, wanted)
		if err == nil {
			var got HardwareConfig
			if got, err = s.nics.config(s.nic.Name); err == nil && got.RxFilter != FilterNone {
				s.before, s.granted, s.ours = before, got, true
				s.nic.Config = got
				s.tell(Setting{Before: before, After: got})
				s.choice = Decide(s.nic, s.options)
				return
			}
		}
		if err != nil {
			refusals = append(refusals, fmt.Sprintf("%v: %v", filter, err))
			if !errors.Is(err, errFilterRefused) {
				break // the next would fare no better
			}
		}
	}
	s.choice = s.options.software("the NIC's stamping could not be switched on ("+strings.Join(refusals, ", ")+")", "")
	s.choice.Warning = "the configuration says hwtstamp: enable, and stamps are software: " + s.choice.Reason
}

// poll notices what other programs set, and says whether they did.
func (s *stamping) poll() bool {
	if s.nic.ConfigError != "" || !s.nic.stampsReceived() {
		return false
	}
	got, err := s.nics.config(s.nic.Name)
	if err != nil || got == s.nic.Config {
		return false
	}
	s.nic.Config, s.ours = got, false
	observe := s.options
	observe.HWTstamp = HWTstampObserve
	s.choice = Decide(s.nic, observe)
	s.choice.Reason += ", by another program"
	return true
}

// restore takes back what we changed, if it is still exactly as we left it.
func (s *stamping) restore() error {
	if !s.ours {
		return nil
	}
	s.ours = false
	if got, err := s.nics.config(s.nic.Name); err != nil || got != s.granted {
		return nil // gone, or somebody else's by now
	}
	if err := s.nics.setConfig(s.nic.Name, s.before); err != nil {
		return fmt.Errorf("restore time stamping of %s: %w", s.nic.Name, err)
	}
	s.tell(Setting{Before: s.granted, After: s.before, Restored: true})
	return nil
}

func (s *stamping) tell(set Setting) {
	if s.onSet != nil {
		set.Interface = s.nic.Name
		s.onSet(set)
	}
}
