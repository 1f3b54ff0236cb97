package agent

import (
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// NIC is a network interface, and what the agent would make of it.
type NIC struct {
	capture.NIC
	Configured bool // the configuration lists it ...
	Absent     bool // ... and there is no Ethernet interface of that name
	Choice     capture.Choice
	// PHC is its hardware clock compared with the system's; where that cannot
	// be read, PHCError says why. Both are nil where it has none.
	PHC      *capture.PHCOffset
	PHCError error
}

// NICs lists the interfaces that can be listened to, and those that the
// configuration lists and nobody has. It changes nothing.
func NICs(c *config.Config) ([]NIC, error) {
	found, err := capture.NICs()
	if err != nil {
		return nil, err
	}
	return examine(found, c, capture.ReadPHC), nil
}

// examine makes the list of what was found. phc reads a clock.
func examine(found []capture.NIC, c *config.Config, phc func(string) (capture.PHCOffset, error)) []NIC {
	listed := interfaces(c)
	list := make([]NIC, 0, len(found))
	for _, n := range found {
		nic := NIC{NIC: n}
		var options capture.StampOptions
		for _, l := range listed {
			if l.Name == n.Name {
				nic.Configured, options = true, l.StampOptions
			}
		}
		nic.Choice = capture.Decide(n, options)
		if n.Clock != "" {
			if offset, err := phc(n.Clock); err == nil {
				nic.PHC = &offset
			} else {
				nic.PHCError = err
			}
		}
		list = append(list, nic)
	}
	for _, l := range listed {
		if !slices.ContainsFunc(found, func(n capture.NIC) bool { return n.Name == l.Name }) {
			list = append(list, NIC{NIC: capture.NIC{Name: l.Name}, Configured: true, Absent: true})
		}
	}
	return list
}
