package agent

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/audit"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// TestAudit: what an agent watched is on record to the second, through a reload,
// a quarter's end, an interface that goes down, and a stop; and so is the
// configuration.
func TestAudit(t *testing.T) {
	r := newRig(t)
	begin := time.Now().UTC().Truncate(audit.QuarterLength).Add(-audit.QuarterLength)
	r.at = begin.Add(14 * time.Minute)
	r.config.Domains = []config.Domain{{DomainNumber: 0, Profile: "default", Baseline: "off", Compliance: "us-finra4590"}}
	r.start()
	pass := func(n int) {
		for range n {
			r.seconds(1, gm1)
		}
	}
	r.source.beat(r.at)
	pass(40)
	first := written(t, r.config)

	other := *r.config
	other.Domains = []config.Domain{{DomainNumber: 0, Profile: "default", Baseline: "off", Compliance: "us-finra4590", ComplianceLimit: time.Second}}
	*r.config = other
	r.reload <- nil
	r.source.beat(r.at)
	pass(50) // over the border
	r.source.mu.Lock()
	r.source.down = "eth0"
	r.source.mu.Unlock()
	for range 10 {
		r.at = r.at.Add(time.Second)
		r.source.beat(r.at)
	}
	r.stop()

	report, err := audit.Read(filepath.Join(r.config.StateDir, "journal"), begin, begin.Add(2*audit.QuarterLength))
	if err != nil {
		t.Fatal(err)
	}
	if !report.Journal.Whole() {
		t.Errorf("%+v", report.Journal)
	}
	if len(report.Domains) != 1 {
		t.Fatalf("domains %+v", report.Domains)
	}
	d := &report.Domains[0]
	// The second in which the interface went down counts as watched or not,
	// whichever was looked at first.
	if c := d.Coverage; c.Watched < 88 || c.Watched > 92 || c.Deaf < 9 || c.Deaf > 12 || c.Watched+c.Deaf+c.Unrecorded != report.Seconds() {
		t.Errorf("coverage %+v", c)
	}
	var limits []float64
	for _, v := range d.Verdicts {
		limits = append(limits, v.Limit)
		if v.Word() != audit.WordNotShown {
			t.Errorf("a grandmaster that sends no Sync is %s", v.Word())
		}
	}
	if fmt.Sprint(limits) != "[0.05 1]" {
		t.Errorf("limits %v, want the one before the reload and the one after", limits)
	}
	if n := len(d.Quarters); n != 3 || !d.Quarters[1].To.Equal(begin.Add(audit.QuarterLength)) {
		t.Errorf("%d quarters, want one up to the reload, one up to the border, one up to the end: %+v", n, d.Quarters)
	}
	if len(d.Masters) == 0 || d.Masters[0].Grandmaster != gm1.ClockIdentity.String() {
		t.Errorf("best masters %+v", d.Masters)
	}
	if len(report.Configs) == 0 || report.Configs[0].Text != first || report.Configs[0].SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(first))) {
		t.Errorf("configurations %+v, want %s", report.Configs, first)
	}
	if !strings.Contains(first, "us-finra4590") {
		t.Errorf("the configuration on record: %s", first)
	}
}

// written is a configuration as check-config prints it.
func written(t *testing.T, c *config.Config) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
