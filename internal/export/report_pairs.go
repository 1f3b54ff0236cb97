package export

import (
	"fmt"
	"strconv"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

// PairReport is how far the time of grandmaster B is ahead of that of A, as one
// clock that hears both tells them apart, in seconds.
type PairReport struct {
	A               PairEndReport `json:"a"`
	B               PairEndReport `json:"b"`
	Offset          float64       `json:"offset"`
	Spread          float64       `json:"spread"` // 1.4826 times the median distance from it
	Readings        int           `json:"readings"`
	TimestampSource string        `json:"timestamp_source"`
	TimestampClock  string        `json:"timestamp_clock,omitempty"`
}

// PairEndReport is one of a pair of grandmasters.
type PairEndReport struct {
	Network  string `json:"network"`
	Domain   uint8  `json:"domain"`
	SdoID    string `json:"sdo_id"`
	Identity string `json:"identity"`
	Name     string `json:"name,omitempty"`
}

func newPairReport(p *analysis.PairView) PairReport {
	return PairReport{
		A: newPairEnd(&p.A), B: newPairEnd(&p.B), Offset: rounded(p.Offset), Spread: rounded(p.Spread), Readings: p.Count,
		TimestampSource: p.StampSource.String(), TimestampClock: p.StampClock,
	}
}

func newPairEnd(e *analysis.PairEnd) PairEndReport {
	words := scopeWords(e.Scope)
	return PairEndReport{words[0], e.Scope.DomainNumber, words[2], e.Grandmaster.String(), e.Name}
}

func (t *textReport) pairs(r *Report) {
	if len(r.Pairs) == 0 {
		return
	}
	var rows [][]string
	for _, p := range r.Pairs {
		rows = append(rows, []string{p.A.word(), p.B.word(), words.Fixed(p.Offset), words.Fixed(p.Spread), strconv.Itoa(p.Readings)})
	}
	t.line("")
	t.line("Grandmasters compared, B minus A")
	t.rows("  ", []string{"A", "B", "OFFSET", "SPREAD", "READINGS"}, rows)
}

func (e *PairEndReport) word() string {
	return fmt.Sprintf("%s domain %d %s", e.Network, e.Domain, e.Identity)
}
