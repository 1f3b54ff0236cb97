// Package hardware tests the agent where frames carry hardware timestamps: in
// a QEMU guest with two igb NICs on one link, beside linuxptp's ptp4l. `make
// test-hardware` runs it; it wants the build tag "hardware", because it
// downloads a guest and takes a minute.
//
// The guest's init (package guest) plays the steps and tells what it saw as
// one Step a line on the second serial port; the test judges.
package hardware

// The guest's NICs and who uses them.
const (
	ClientNIC      = "eth0"
	GrandmasterNIC = "eth1"
)

// A Step is one thing the guest tried.
type Step struct {
	Name  string
	Fault string // why it broke off; "" if it did not

	Settings []Setting
	Seen     []Seen
	Clock    Counters // of the client's ptp4l
}

// A Setting is a NIC's timestamping as SIOCGHWTSTAMP tells it.
type Setting struct {
	When, NIC      string
	Type, RXFilter int32 // HWTSTAMP_TX_* and HWTSTAMP_FILTER_*
}

// Seen counts the event messages of one kind on one NIC.
type Seen struct {
	NIC, Message string
	Egress       bool
	Source       string // of the stamps: hardware or software
	Count        int
}

// Counters are what a ptp4l says of its own port.
type Counters struct{ ReceivedSync, SentDelayReq int }
