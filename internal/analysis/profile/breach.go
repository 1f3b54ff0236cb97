package profile

import "github.com/ptpwatch/ptpwatch/internal/ptp"

// Breach is a rule that an Announce breaks.
type Breach struct {
	Kind     Kind
	Field    string // as the standard names it: "grandmasterPriority1"
	Observed string // "127"
	Accepted string // "128"
	Clause   string // of the rule: "ITU-T G.8275.1 table A.1"
}

// Kind is how a rule is broken.
type Kind uint8

// The kinds, worst first.
const (
	Reserved    Kind = iota // a value that IEEE 1588 reserves, whatever the profile
	Forbidden               // a value that the profile does not allow
	Implausible             // values that contradict one another
)

// Check returns the worst rule that an Announce from sender breaks, if any.
func (p *Profile) Check(sender ptp.PortIdentity, a ptp.Announce, flags ptp.Flags) (Breach, bool) {
	return Breach{}, false
}
