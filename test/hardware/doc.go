// Package hardware tests the agent where frames carry hardware timestamps: in
// a QEMU guest with two igb NICs on one link, beside linuxptp's ptp4l. `make
// test-hardware` runs it; it has a build tag, because the guest must be
// downloaded first.
//
// The guest's init (package guest) plays the steps and tells what it saw, one
// Step a line, on the second serial port; the test judges.
package hardware

import (
	"encoding/json"
	"time"
)

// The guest's NICs, by who uses them.
const (
	ClientNIC      = "eth0"
	GrandmasterNIC = "eth1"
)

// ClientAhead is how much the clock of the client's NIC is ahead of the
// grandmaster's and the system's: more than any software stamp is wrong by.
const ClientAhead = 1250 * time.Microsecond

// The link takes no time: QEMU hands a frame over between two instructions of the
// guest. So the grandmaster is told that its NIC stamps so much too late what it
// sends, and so much too early what it receives. What it tells then is what it
// would tell from the far end of 600 m of fibre one way and 1000 m the other.
const (
	ForwardDelay = 3 * time.Microsecond
	ReverseDelay = 5 * time.Microsecond
)

// A Step is what came of one thing the guest tried.
type Step struct {
	Name  string
	Fault string // why it broke off; "" if it did not

	Settings   []Settings
	Client     Client
	Interfaces json.RawMessage // what `ptpwatch interfaces` says
	Metrics    string          // of the agent, at the end
	Report     json.RawMessage // of the agent, then
	Log        string          // of the agent
}

// Settings are what the NICs were set to at one moment.
type Settings struct {
	When                string
	Client, Grandmaster Stamping
}

// Stamping is what a NIC stamps, as SIOCGHWTSTAMP tells it.
type Stamping struct {
	TXType, RXFilter int32 // HWTSTAMP_TX_..., HWTSTAMP_FILTER_...
}

// Client is what the client's ptp4l says of itself.
type Client struct {
	ReceivedSync, SentDelayReq      int
	OffsetFromMaster, MeanPathDelay float64 // in nanoseconds
}
