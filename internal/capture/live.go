package capture

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// LiveOptions say what to listen to.
type LiveOptions struct {
	Interfaces []LiveInterface
	Naming     Naming
	// KeepFrames has Live.Frame tell the octets of each message's frame.
	KeepFrames bool
	// Delay is how long frames are let gather, at most, before they are read;
	// 0 is DefaultDelay.
	Delay time.Duration
	// OnChange is told of every change of an interface's state, the first from
	// the zero state, by the goroutine in Run. It may be nil.
	OnChange func(before, after InterfaceState)
	// OnSet is told when what a NIC stamps was changed by us. It may be nil. It
	// is called from any goroutine, of several at once, and must not call the
	// Live.
	OnSet func(Setting)
}

// Setting is a change that we made to what a NIC stamps.
type Setting struct {
	Interface     string
	Before, After HardwareConfig
	Restored      bool // to what it was before we changed it
}

// DefaultDelay is how long frames are let gather before they are read together.
// It saves most of the wake-ups, and it gives the NIC time to stamp what the
// host sent itself.
const DefaultDelay = 10 * time.Millisecond

// LiveInterface says how to listen to one interface.
type LiveInterface struct {
	Name string
	// Promiscuous takes every frame, as a mirror port needs; without it the
	// interface joins PTP's multicast groups.
	Promiscuous bool
	StampOptions
}

// LinkState is whether an interface can be heard.
type LinkState string

// The link states. Unless it is up nothing can be heard; all of it is
// recovered from.
const (
	LinkUp   LinkState = "up"
	LinkDown LinkState = "down" // disabled, or without a carrier
	LinkGone LinkState = "gone" // there is no interface of that name, for now
)

// InterfaceState is what there is to know of an interface beside its frames.
type InterfaceState struct {
	Interface string
	Link      LinkState
	// Hardware says whether its NIC stamps the event messages it receives, by
	// Clock ("ptp0"); Config is what the NIC is set to.
	Hardware bool
	Clock    string
	Config   HardwareConfig
	// Reason is why stamps are what they are, Warning what was asked for and
	// is not to be had, Advice what to change for more.
	Reason, Warning, Advice string
	Fault                   string // why a link that is there cannot be heard; "" otherwise
}

// choose takes over what was chosen for the interface's stamps.
func (s *InterfaceState) choose(st *stamping) {
	c := &st.choice
	s.Hardware = c.Source == packet.StampHardware
	s.Clock, s.Config = c.Clock, st.nic.Config
	s.Reason, s.Warning, s.Advice = c.Reason, c.Warning, c.Advice
}
