package export

import (
	"fmt"
	"io"
	"strings"
)

//go:generate go test -run "UpToDate|TestReport|TestEvents|TestStatusPage" -update .

const referenceHead = `# Metrics

Generated from the table of families in internal/export by ` + "`go generate ./internal/export`" + `; do not edit.

ptpwatch serves these on ` + "`/metrics`" + ` in the Prometheus text format and in OpenMetrics, together with the
usual ` + "`go_*`, `process_*` and `promhttp_*`" + ` families of a Go program.

- Times are seconds, booleans are 1 and 0.
- Clock identities are written as linuxptp writes them, ` + "`001d7f.fffe.80024a`, ports `001d7f.fffe.80024a-1`" + `.
- ` + "`network`, `domain` and `sdo_id`" + ` say where: clocks of different networks, domains or sdoIds never compete.
  On an alert about the monitor itself they are empty.
- What was not measured is absent, never 0; what is forgotten is gone from the next scrape.
- Strangers cannot grow the page without limit. At most %d domains, %d grandmasters and %d transmitting ports have series
  of their own: best and acceptable ones first, then those heard first. Counters of further domains are summed under the label
  value ` + "`other`" + `, which falls when such a domain is forgotten; further gauges are left out.
  ` + "`ptpwatch_alert_active`" + ` has at most %d series.
`

// WriteMetricsReference writes the reference page of all families.
func WriteMetricsReference(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, referenceHead, maxDomains, maxGrandmasters, maxPorts, maxAlerts)
	for id := range families {
		f := &families[id]
		fmt.Fprintf(&b, "\n## `%s%s`\n\n%s", prefix, f.name, strings.ToUpper(f.typeWord()[:1])+f.typeWord()[1:])
		if len(f.labels) > 0 {
			fmt.Fprintf(&b, " with `%s`", strings.Join(f.labels, "`, `"))
		}
		fmt.Fprintf(&b, ". %s\n\nHealthy: %s\n", f.meaning, f.healthy)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
