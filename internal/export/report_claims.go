package export

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

// ClaimReport is what a client says of itself. Nobody has checked it.
type ClaimReport struct {
	// Source is slave_event (its timestamps), slave_computed (what it made of
	// them), management, netsync or socket (its answers).
	Source        string   `json:"source"`
	Master        *string  `json:"master"`          // whose time it takes; null when not said
	Offset        *float64 `json:"offset"`          // its own minus its master's, seconds; null when not said
	MeanPathDelay *float64 `json:"mean_path_delay"` // from its master to it, seconds; null when not said
	Count         uint64   `json:"count"`
	Age           float64  `json:"age"` // of the newest, seconds
}

func newClaimReport(c *analysis.ClaimView) ClaimReport {
	r := ClaimReport{Source: string(c.Source), Master: known(portWord(c.Master)), Count: c.Count, Age: c.Age}
	if c.HasOffset {
		r.Offset = new(rounded(c.Offset))
	}
	if c.HasMeanPathDelay {
		r.MeanPathDelay = new(rounded(c.MeanPathDelay))
	}
	return r
}

// Words are the figures as people read them; "-" for what is not said.
func (r *ClaimReport) Words() (offset, mean string) {
	return secondsWord(r.Offset), secondsWord(r.MeanPathDelay)
}

func secondsWord(seconds *float64) string {
	if seconds == nil {
		return "-"
	}
	return words.Fixed(*seconds)
}

// claimRow is a claim beside what the tap makes of the same client.
type claimRow struct {
	Network string
	Domain  uint8
	Port    string
	Source  string
	Master  string
	Offset  string // claimed ...
	Mean    string // ... and this, too: from the master to the client
	Path    string // measured: from the master to the tap, by the client's requests
	Age     string
}

// claimRows lists what clients claim in a domain.
func (d *DomainReport) claimRows() (rows []claimRow) {
	for i := range d.Ports {
		p := &d.Ports[i]
		for _, c := range p.Claimed {
			row := claimRow{Network: d.Network, Domain: d.Domain, Port: p.Port, Source: c.Source, Path: "-",
				Master: cmp.Or(orEmpty(c.Master), "-"), Age: (time.Duration(c.Age) * time.Second).String()}
			row.Offset, row.Mean = c.Words()
			if i := slices.IndexFunc(p.Paths, func(path PathReport) bool { return c.Master == nil || path.To == *c.Master }); i >= 0 {
				row.Path = words.Fixed(p.Paths[i].MeanPathDelay)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (t *textReport) claims(d *DomainReport) {
	var rows [][]string
	for _, r := range d.claimRows() {
		rows = append(rows, []string{r.Port, r.Source, r.Master, r.Offset, r.Mean, r.Path, r.Age})
	}
	if len(rows) > 0 {
		t.line("  Claimed by clients, unchecked; TAP is the mean path from their master to the tap, as measured")
		t.rows("    ", []string{"PORT", "BY", "MASTER", "OFFSET", "MEAN PATH", "TAP", "AGE"}, rows)
	}
}

// maxClaims is how many claims are on a page: of the clients that were heard
// first.
const maxClaims = 256

// putClaims shows what clients say of themselves, while they say it.
func (p *page) putClaims(s *selection) {
	var ports []portRef
	for _, d := range s.domains {
		for i := range d.Ports {
			if port := &d.Ports[i]; len(port.Claims) > 0 {
				ports = append(ports, portRef{domain: d.DomainView, PortView: port})
			}
		}
	}
	ports = oldest(ports, func(portRef) bool { return false }, func(p portRef) time.Time { return p.FirstSeen })
	count := 0
	for _, port := range ports {
		for i := range port.Claims {
			c := &port.Claims[i]
			if c.Age > maxAge {
				continue
			}
			if count++; count > maxClaims {
				return
			}
			labels := with(scopeWords(port.domain.Scope), port.Port.String(), string(c.Source))
			if c.HasOffset {
				p.put(clientClaimedOffset, c.Offset, labels...)
			}
			if c.HasMeanPathDelay {
				p.put(clientClaimedMeanPathDelay, c.MeanPathDelay, labels...)
			}
		}
	}
}

// putSockets shows how the local sockets of clients answer.
func (p *page) putSockets(list []ClientSocket) {
	for _, s := range list {
		p.put(clientSocketAnswers, float64(s.Answered), s.Socket, "answered")
		p.put(clientSocketAnswers, float64(s.Unheard), s.Socket, "unheard")
		p.put(clientSocketAnswers, float64(s.Failed), s.Socket, "failed")
	}
}

// maxClaimRows is how many claims are shown on the status page.
const maxClaimRows = 32

func newClaimCards(r *Report) (rows []claimRow, more string) {
	for i := range r.Domains {
		rows = append(rows, r.Domains[i].claimRows()...)
	}
	if n := len(rows); n > maxClaimRows {
		return rows[:maxClaimRows], strconv.Itoa(n - maxClaimRows)
	}
	return rows, ""
}
