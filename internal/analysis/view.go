package analysis

import (
	"net/netip"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// View is an immutable picture of all that a Tracker knows at one instant, in
// a fixed order. Whoever holds one may keep it; nothing in it is shared with
// the Tracker.
type View struct {
	At      time.Time // the capture time it was taken at; zero before the first message
	Domains []DomainView
	Alerts  []Alert // those that hold, then the newest that ended, oldest raised first
	// AlertsRaised counts alerts by name and severity since the start, every
	// known name present.
	AlertsRaised []AlertCount
	// AlertsSuppressed counts what was held back: by hold-down, by its incident
	// or for want of room. By name, every known one present; no severities.
	AlertsSuppressed []AlertCount
	Tables           []TableView
	Untracked        []MessageCount // messages of scopes there was no room for
	StampClocks      []StampClockView
	Pairs            []PairView // of grandmasters that one clock hears
	Ways             []WayView  // between taps
}

// StampClockView is a clock that stamps what is captured.
type StampClockView struct {
	Source     packet.StampSource
	Name       string  // "ptp0"; "" is the system's
	Resolution float64 // of its stamps, seconds; 0 while not known
	Steps      uint64  // how often it was seen to step
	SteppedAt  time.Time
	Step       float64 // the last, seconds, as far as that is known
	// Adjustments is how often readings showed that its rate had changed.
	Adjustments uint64
	// Readings and Faults are how often a hardware clock was read, and could not
	// be, Fault why it could not be when last tried; "" if it was.
	Readings, Faults uint64
	Fault            string
	// Offset is the clock minus the system's when it was read last, Window how
	// long that took, and Age how long ago it was, in seconds.
	Offset, Window, Age float64
}

// AlertCount is how often an alert was raised.
type AlertCount struct {
	Name     string
	Severity Severity
	Count    uint64
}

// TableView is a bounded table at work.
type TableView struct {
	Name      string
	Entries   int
	Limit     int
	Evictions uint64 // entries pushed out, and newcomers refused, for want of room
}

// DomainView is one scope: the clocks that compete in it.
type DomainView struct {
	Scope   Scope
	Profile string
	// ProfileWhy says why it is that profile: "configured", or what the traffic
	// shows.
	ProfileWhy string
	// Best is the shadow best-master algorithm's choice: zero when no clock
	// is qualified. BestPort is the port that announces it.
	Best     ptp.ClockIdentity
	BestPort ptp.PortIdentity
	// BestReason is the field that decided ("priority1", "only candidate", ...).
	BestReason string
	// BestHinges says on what it depends that a listener cannot know
	// ("localPriority", "topology"); "" where every receiver decides alike.
	BestHinges string
	Baseline   BaselineState
	// Next is who would be best without Best, NextReason the field that decides
	// between the two. Zero when nobody else is qualified.
	Next       ptp.ClockIdentity
	NextReason string
	// Contenders are heard but not, or not yet, qualified; by port identity.
	Contenders         []ContenderView
	GrandmasterChanges uint64
	Grandmasters       []GrandmasterView // by identity
	Ports              []PortView        // by port identity
	Clocks             []RoleCount       // clocks tracked, by role
	PortRoles          []RoleCount       // ports tracked, by role
	Messages           []MessageCount
	Exchanges          []ExchangeCount
	TLVs               []TLVCount
	OtherTLVs          uint64             // TLVs of types beyond those told apart
	Distributions      []DistributionView // by identity
	Compliance         *ComplianceView    // nil where it is held to no rule
}

// DistributionView is how the mean path delays to the ports that give a
// grandmaster's time are spread, at all taps, since the start.
type DistributionView struct {
	Grandmaster ptp.ClockIdentity // zero: of ports that announce none
	*stability.Histogram
}

// ContenderView is a port whose Announces are not qualified.
type ContenderView struct {
	Port        ptp.PortIdentity
	Grandmaster ptp.ClockIdentity
	// Bar is why its Announces never qualify ("steps_removed", ...); "" when the
	// next one at QualifiesAt, if it comes as advertised, will do.
	Bar         string
	QualifiesAt time.Time
	WouldWin    bool // once qualified
}

// RoleCount is how many of what role.
type RoleCount struct {
	Role  Role
	Count int
}

// Role is what a clock or port is seen to do (IEEE 1588-2019 9.2.2, as far
// as a listener can tell).
type Role string

// The roles. The words are those of IEEE 1588g-2022.
const (
	RoleGrandmaster     Role = "grandmaster"      // announces itself
	RoleBoundary        Role = "boundary"         // announces another clock
	RoleTimeTransmitter Role = "time_transmitter" // sends Sync or Announce (master)
	RoleTimeReceiver    Role = "time_receiver"    // sends Delay_Req (slave)
	RolePeer            Role = "peer"             // measures or answers peer delay only
	RoleManager         Role = "manager"          // sends Management or Signaling only
)

// MessageCount counts messages of one kind on one interface.
type MessageCount struct {
	Interface string
	Type      ptp.MessageType
	Transport packet.Transport
	Count     uint64
}

// ExchangeCount counts the outcome of exchanges on one interface.
type ExchangeCount struct {
	Interface string
	Kind      ExchangeKind
	Result    ExchangeResult
	Count     uint64
}

// ExchangeKind is what belongs together.
type ExchangeKind string

// ExchangeResult is how it ended.
type ExchangeResult string

// The kinds and results of exchanges.
const (
	ExchangeSync   ExchangeKind = "sync"   // Sync, and its Follow_Up when two-step
	ExchangeDelay  ExchangeKind = "delay"  // Delay_Req and Delay_Resp
	ExchangePdelay ExchangeKind = "pdelay" // Pdelay_Req, Pdelay_Resp and its Follow_Up

	Complete        ExchangeResult = "complete"
	MissingFollowUp ExchangeResult = "missing_follow_up"
	MissingResponse ExchangeResult = "missing_response"
	Duplicate       ExchangeResult = "duplicate"
	Unmatched       ExchangeResult = "unmatched" // a response or Follow_Up to nothing seen
)

// TLVCount counts TLVs of one type, known or not.
type TLVCount struct {
	Type  ptp.TLVType
	Count uint64
}

// GrandmasterView is one grandmaster as its Announces describe it.
type GrandmasterView struct {
	Identity    ptp.ClockIdentity
	Name        string // from the configuration; "" when it has none
	Verdict     Verdict
	Best        bool
	BestSeconds float64 // how long it has been best, until View.At
	FirstSeen   time.Time
	LastSeen    time.Time
	Dataset     ptp.Announce // as last announced
	Flags       ptp.Flags    // of that Announce
	Relays      []RelayView  // ports that announce it, by port identity
	Jury        JuryView     // what other grandmasters say of its time
}

// RelayView is a port that announces a grandmaster.
type RelayView struct {
	Port         ptp.PortIdentity
	StepsRemoved uint16
	Qualified    bool // two Announces within four intervals (IEEE 1588-2019 9.3.2.5)
}

// PortView is one port as its messages describe it.
type PortView struct {
	Port        ptp.PortIdentity
	Role        Role
	Interface   string // where it was last heard
	MAC         packet.MAC
	Address     netip.Addr // zero for IEEE 802.3
	VLANs       packet.VLANs
	Transport   packet.Transport
	Version     string            // "2.1"
	TwoStep     bool              // its last Sync's or Pdelay_Resp's flag
	SeenSync    bool              // TwoStep is known
	P2P         bool              // it takes part in peer delay
	Unicast     bool              // its last message went to a unicast destination
	Grandmaster ptp.ClockIdentity // that it announces; zero when none
	// AnsweredBy is who was first to answer its last answered Delay_Req: whom it
	// takes time from, as far as a listener can tell. Zero when nobody was.
	AnsweredBy ptp.PortIdentity
	FirstSeen  time.Time
	LastSeen   time.Time
	Messages   [16]uint64 // by ptp.MessageType
	Intervals  []IntervalView
	// Timings are what exchanges with it measured, by tap.
	Timings []TimingView
	// Paths are what its own requests measured, by whom it asked.
	Paths []ClientPathView
	// Claims are what it says of itself, one of each source at most.
	Claims []ClaimView
}

// IntervalView is the interval between messages of one type: measured, and
// advertised by logMessageInterval where that is given.
type IntervalView struct {
	Type       ptp.MessageType
	Measured   float64 // seconds, mean over the recent past; 0 when unknown
	Advertised float64 // seconds; 0 where the field says 0x7F or nonsense
}

// TimingView holds what exchanges with a port measured at one tap, in seconds
// (A, B, M, D and O of package delay). What is not known has Count 0.
type TimingView struct {
	Tap         string             // as in Observation
	StampSource packet.StampSource // of the Syncs, or of the Delay_Reqs where there are none
	StampClock  string             // likewise; "" is the system's
	Resolution  float64            // of the stamps, seconds; 0 while not known
	ClockSteps  uint64             // how often the stamping clock was seen to step
	Forward     Summary            // tap time of Sync - origin - corrections
	Reverse     Summary            // receiveTimestamp - tap time of Delay_Req - corrections
	// Relative: Forward and Reverse are less their medians. Only one direction
	// was seen, or the stamping clock has an epoch of its own.
	Relative      bool
	MeanPathDelay Summary // free of the tap's own offset; needs both directions
	MeanLinkDelay Summary // peer delay to the responder
	Offset        Summary // tap minus grandmaster
	// EgressReverse: the Delay_Reqs are the capturing host's own and hold its way
	// to the wire. EgressForward: its Syncs are, and lack it.
	EgressReverse, EgressForward bool
	EgressLink                   bool // the host took part in the peer delay exchange
	Statistics                   *stability.Figures
	Path                         *detect.State // how it is judged; nil before there is a block
	Bounds                       [2]BoundView  // of Offset; without a Basis where the way is not known
}

// ClientPathView is the mean path delay from a tap to a port as one client's
// requests give it: the same for all, or there is something in one's way.
type ClientPathView struct {
	To     ptp.PortIdentity
	Tap    string
	Count  uint64
	Median float64 // seconds, of the last 16
}

// Summary is a distribution in seconds; with Count 0 there is none.
type Summary = delay.Summary
