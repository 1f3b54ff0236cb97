package capture

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Timestamping is which of a frame's stamps measurement uses; "" is
// TimestampingAuto.
type Timestamping string

// With auto and hardware it is the NIC's stamp where the frame has one, else
// the kernel's; with hardware it is a warning when the NIC gives none.
const (
	TimestampingAuto     Timestamping = "auto"
	TimestampingHardware Timestamping = "hardware"
	TimestampingSoftware Timestamping = "software"
)

// HWTstamp is whether the NIC's stamping may be changed; "" is
// HWTstampObserve.
type HWTstamp string

// Observe never changes anything. Enable switches stamping on where it is
// wholly off, and back off at the end unless somebody has changed it since.
const (
	HWTstampObserve HWTstamp = "observe"
	HWTstampEnable  HWTstamp = "enable"
)

// StampOptions are what the configuration says of an interface's stamps.
type StampOptions struct {
	Timestamping Timestamping
	HWTstamp     HWTstamp
}

// Choice is what comes of a NIC and the options, and why.
type Choice struct {
	// Source is what stamps the event messages received, and Clock the clock
	// it reads ("ptp0"; "" is the system's). Where the NIC's settings cannot be
	// read it is StampUnknown: each frame tells.
	Source packet.StampSource `json:"-"`
	Clock  string             `json:"clock,omitempty"`
	// Covers says what is stamped in hardware ("all frames").
	Covers string `json:"covers,omitempty"`
	// Request is what to ask the NIC for, one after the other until it grants
	// one. None: leave it alone.
	Request []RxFilter `json:"request,omitempty"`
	Reason  string     `json:"reason"`
	Warning string     `json:"warning,omitempty"` // what was asked for and is not to be had
	Advice  string     `json:"advice,omitempty"`  // what to change for more
}

// Decide says which stamps a NIC's frames get under the options, and what to
// ask the NIC for.
//
// It never asks for anything while the NIC stamps at all: what is set is what
// somebody uses, and asking for more may take that away.
func Decide(n NIC, o StampOptions) Choice {
	switch {
	case o.Timestamping == TimestampingSoftware:
		return Choice{Source: packet.StampSoftware, Reason: "the configuration says timestamping: software"}
	case !n.stampsReceived():
		return o.software(n.lacking())
	case n.ConfigError != "":
		return Choice{
			Source: packet.StampUnknown, Clock: n.clock(),
			Reason: "what the NIC is set to cannot be read (" + n.ConfigError + "): hardware stamps are used where frames have them",
		}
	case n.Config.RxFilter != FilterNone:
		return o.running(&n)
	case o.HWTstamp != HWTstampEnable:
		return o.software("the NIC can stamp in hardware and nobody has switched it on",
			"set hwtstamp: enable for this interface, or run a PTP clock with hardware time stamping on it")
	}
	return Choice{
		Source: packet.StampHardware, Clock: n.clock(), Request: n.requests(),
		Reason: "the configuration says hwtstamp: enable, and nobody uses the NIC's stamping yet",
	}
}

// software is the choice where there is nothing better.
func (o StampOptions) software(reason, advice string) Choice {
	c := Choice{Source: packet.StampSoftware, Reason: reason, Advice: advice}
	if o.Timestamping == TimestampingHardware {
		c.Warning = "the configuration says timestamping: hardware, and stamps are software: " + reason
	}
	return c
}

// driverLoopback stands for the driver of the loopback interface, which has
// none.
const driverLoopback = "loopback"

// lacking says why a NIC stamps nothing in hardware, and where to listen to
// have it. A VLAN, a bond and a macvlan are as able as the NIC below them.
func (n *NIC) lacking() (reason, advice string) {
	const elsewhere = "for hardware stamps listen on the host's NIC that the messages pass"
	switch n.Driver {
	case driverLoopback:
		return "the loopback interface has no NIC", ""
	case "veth", "tun", "dummy":
		return "there is no NIC behind this interface, which is virtual (" + n.Driver + ")", elsewhere
	case "bridge":
		return "a bridge stamps nothing in hardware, though its ports may", "for hardware stamps listen on the port of the bridge that the messages pass"
	}
	return fmt.Sprintf("driver %s stamps nothing it receives in hardware", cmp.Or(n.Driver, "unknown")),
		"for hardware stamps the messages must pass a NIC that has a PTP hardware clock"
}

// running is the choice where the NIC stamps already.
func (o StampOptions) running(n *NIC) Choice {
	f := n.Config.RxFilter
	covers, lacks := f.covers()
	if covers == "" {
		return o.software(fmt.Sprintf("the NIC is set to rx_filter %v, which holds no PTP version 2", f),
			"have the program that set it ask for ptpv2-event")
	}
	c := Choice{Source: packet.StampHardware, Clock: n.clock(), Covers: covers, Reason: fmt.Sprintf("the NIC is set to rx_filter %v", f)}
	if lacks != "" {
		c.Advice = lacks + " get software stamps: have the program that set it ask for ptpv2-event"
	}
	return c
}

// covers says which messages of PTP version 2 a filter stamps, "" for none, and
// which event messages it leaves out, "" for none.
func (f RxFilter) covers() (covers, lacks string) {
	switch f {
	case FilterAll:
		return "all frames", ""
	case FilterPTPv2:
		return "event messages", ""
	case FilterSome:
		return "some frames", "the others"
	case FilterPTPv2UDP:
		return "event messages over UDP", "messages over IEEE 802.3"
	case FilterPTPv2Layer2:
		return "event messages over IEEE 802.3", "messages over UDP"
	case FilterPTPv2UDP + 1, FilterPTPv2Layer2 + 1, FilterPTPv2 + 1:
		return "Sync messages", "other event messages"
	case FilterPTPv2UDP + 2, FilterPTPv2Layer2 + 2, FilterPTPv2 + 2:
		return "Delay_Req messages", "other event messages"
	}
	return "", ""
}

// requests are the filters to ask for. Only with all do Announce and Follow_Up
// get stamps. Drivers grant ptpv2-event though they do not advertise it; the
// narrow ones are the last resort.
func (n *NIC) requests() []RxFilter {
	if slices.Contains(n.RxFilters, FilterAll) {
		return []RxFilter{FilterAll, FilterPTPv2}
	}
	list := []RxFilter{FilterPTPv2}
	for _, f := range []RxFilter{FilterPTPv2UDP, FilterPTPv2Layer2} {
		if slices.Contains(n.RxFilters, f) {
			list = append(list, f)
		}
	}
	return list
}

// clock names the clock of the NIC's stamps. A few NICs stamp by one that the
// kernel shows nobody: it has the interface's name.
func (n *NIC) clock() string { return cmp.Or(n.Clock, n.Name) }
