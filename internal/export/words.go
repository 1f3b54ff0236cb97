package export

import (
	"strconv"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// clockWord prints a clock identity as linuxptp does, "" for the zero one.
func clockWord(c ptp.ClockIdentity) string {
	if c == 0 {
		return ""
	}
	return c.String()
}

// portWord prints a port identity as linuxptp does, "" for the zero one.
func portWord(p ptp.PortIdentity) string {
	if p == (ptp.PortIdentity{}) {
		return ""
	}
	return p.String()
}

// scopeWords are the values of the labels network, domain and sdo_id. An
// alert about the monitor itself has no scope: then all three are "".
func scopeWords(s analysis.Scope) []string {
	if s == (analysis.Scope{}) {
		return []string{"", "", ""}
	}
	return []string{s.Network, strconv.Itoa(int(s.DomainNumber)), s.SdoID.String()}
}
