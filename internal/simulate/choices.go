package simulate

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// A name is one of a few.

type profileName string

func (p *profileName) set(text string) error { return among(p, text, node.ProfileNames()) }

type oscillatorName string

func (o *oscillatorName) set(text string) error { return among(o, text, oscillator.Names()) }

// role is what a clock is there for.
type role string

const (
	grandmaster role = "grandmaster"
	boundary    role = "boundary"
	client      role = "client"
)

func (r *role) set(text string) error {
	return among(r, text, []string{string(grandmaster), string(boundary), string(client)})
}

type severity string

func (s *severity) set(text string) error {
	return among(s, text, []string{"info", "warning", "critical"})
}

type timescale string

func (s *timescale) set(text string) error { return among(s, text, []string{"utc", "tai"}) }

type pathDirection string

func (d *pathDirection) set(text string) error {
	return among(d, text, []string{"forward", "reverse", "both"})
}

// way is a direction of a link: from the first of its two ends to the second,
// or back.
type way string

func (w *way) set(text string) error { return among(w, text, []string{"there", "back", "both"}) }

// sides are the ends of the link that send in the direction.
func (w way) sides() []int {
	switch w {
	case "there":
		return []int{0}
	case "back":
		return []int{1}
	}
	return []int{0, 1}
}

type episodeKind truth.Kind

func (k *episodeKind) set(text string) error {
	return among(k, text, []string{string(truth.Attack), string(truth.Fault), string(truth.Operator)})
}

func among[T ~string](into *T, text string, accepted []string) error {
	if !slices.Contains(accepted, text) {
		return fmt.Errorf("accepted: %s", strings.Join(accepted, ", "))
	}
	*into = T(text)
	return nil
}

type addressing node.Addressing

func (a *addressing) set(text string) error {
	return choose(a, text, map[string]addressing{
		"multicast": addressing(node.Multicast), "unicast": addressing(node.Unicast), "hybrid": addressing(node.Hybrid)})
}

type mechanism node.Mechanism

func (m *mechanism) set(text string) error {
	return choose(m, text, map[string]mechanism{
		"e2e": mechanism(node.EndToEnd), "p2p": mechanism(node.PeerToPeer), "sptp": mechanism(node.SPTP)})
}

type mac packet.MAC

func (m *mac) set(text string) error {
	hw, err := net.ParseMAC(text)
	if err != nil || len(hw) != len(m) {
		return errors.New("a MAC address is six octets: 00:1d:7f:80:02:4a")
	}
	*m = mac(hw)
	return nil
}

type ip netip.Addr

func (i *ip) set(text string) error {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return errors.New("an IP address is expected: 192.0.2.1 or 2001:db8::1")
	}
	*i = ip(a)
	return nil
}

// alertName is an alert that ptpwatch can raise.
type alertName string

func (a *alertName) set(text string) error { return among(a, text, Alerts()) }

// Alerts are the names of the alerts that a scenario may say answer an
// episode: all there are.
func Alerts() []string {
	return []string{
		"PTPRogueGrandmaster", "PTPUnknownGrandmaster", "PTPGrandmasterChanged", "PTPGrandmasterFlapping", "PTPGrandmasterLost",
		"PTPAnnounceTimeout", "PTPGrandmasterDatasetChanged", "PTPGrandmasterHoldover", "PTPGrandmasterFreeRun", "PTPIllegalClockQuality",
		"PTPClockIdentityClone", "PTPUnexpectedTopology", "PTPUnexpectedDomain", "PTPTimePropertiesInvalid",
		"PTPTraceabilityClaimInconsistent", "PTPMessageIntervalAnomaly", "PTPDelayIntervalPoisoning", "PTPSyncInjection", "PTPReplay",
		"PTPDelayRespAnomaly", "PTPCorrectionFieldAnomaly", "PTPTimeStep", "PTPGrandmasterDrift", "PTPGrandmasterOutvoted",
		"PTPPathAsymmetry", "PTPPathDelayShift", "PTPSelectiveDelay", "PTPSyncLoss", "PTPTwoStepAnomaly", "PTPPdelayAnomaly",
		"PTPFlood", "PTPUnicastNegotiationAbuse", "PTPManagementWrite", "PTPControlTLV", "PTPSecurityDowngrade",
		"PTPTransportAnomaly", "PTPMalformed", "PTPComplianceLimit", "PTPWatchDegraded",
	}
}
