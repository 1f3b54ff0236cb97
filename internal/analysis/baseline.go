package analysis

import (
	"net/netip"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// BaselineMode says what makes a grandmaster acceptable.
type BaselineMode string

// The modes.
const (
	BaselinePin    BaselineMode = "pin"    // what was learned first, and what the configuration lists
	BaselineListed BaselineMode = "listed" // what the configuration lists, nothing else
	BaselineOff    BaselineMode = "off"    // nobody judges
)

// BaselineState is how far a domain's baseline has come.
type BaselineState string

// The states.
const (
	StateLearning BaselineState = "learning"
	StatePinned   BaselineState = "pinned"
	StateListed   BaselineState = "listed"
	StateOff      BaselineState = "off"
)

// Baseline is what one scope was found to be like. Once pinned it stays until
// an operator accepts or resets it.
type Baseline struct {
	Scope        Scope                 `json:"scope"`
	Profile      string                `json:"profile"`
	Pinned       time.Time             `json:"pinned"` // when learning ended
	Grandmasters []BaselineGrandmaster `json:"grandmasters"`
	Senders      []BaselineSender      `json:"senders"`
}

// BaselineGrandmaster is a grandmaster as it was learned.
type BaselineGrandmaster struct {
	Identity ptp.ClockIdentity `json:"identity"`
	Dataset  ptp.Announce      `json:"dataset"`
	Flags    ptp.Flags         `json:"flags"`
}

// BaselineSender is a port that announces a grandmaster, as it was learned.
type BaselineSender struct {
	Port         ptp.PortIdentity  `json:"port"`
	Grandmaster  ptp.ClockIdentity `json:"grandmaster"`
	StepsRemoved uint16            `json:"steps_removed"` // the lowest
	Interface    string            `json:"interface"`
	MAC          packet.MAC        `json:"mac"`
	Address      netip.Addr        `json:"ip,omitzero"`
	VLANs        packet.VLANs      `json:"vlans"`
	TTL          uint8             `json:"ttl"`
}
