package e2e

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dataset is a management TLV's fields as pmc prints them.
type dataset map[string]string

// datasets is what a clock says of itself (IEEE 1588-2019 8.2).
type datasets struct {
	parent, current, timeProperties dataset
	ports                           []dataset // the first port's first
}

// ask asks a clock by pmc, which does not wait long: a busy machine may be too
// slow for it.
func (c *clock) ask(t *testing.T) (datasets, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "pmc", "-u", "-b", "0", "-d", strconv.Itoa(int(c.domain)),
		"-i", filepath.Join(t.TempDir(), "pmc"), "-s", c.socket,
		"GET PARENT_DATA_SET", "GET CURRENT_DATA_SET", "GET TIME_PROPERTIES_DATA_SET", "GET PORT_DATA_SET").CombinedOutput()
	if err != nil {
		return datasets{}, fmt.Errorf("pmc of %s: %w: %s", c.name, err, out)
	}
	d, err := parsePMC(string(out))
	if err == nil && len(d.ports) != len(c.interfaces) {
		err = fmt.Errorf("%d ports, want %d", len(d.ports), len(c.interfaces))
	}
	if err != nil {
		return d, fmt.Errorf("pmc of %s: %w:\n%s", c.name, err, out)
	}
	return d, nil
}

func parsePMC(out string) (datasets, error) {
	var d datasets
	var fields dataset // of the response being read
	for line := range strings.Lines(out) {
		_, id, response := strings.Cut(line, "RESPONSE MANAGEMENT ")
		words := strings.Fields(line)
		switch {
		case response:
			fields = dataset{}
			switch strings.TrimSpace(id) {
			case "PARENT_DATA_SET":
				d.parent = fields
			case "CURRENT_DATA_SET":
				d.current = fields
			case "TIME_PROPERTIES_DATA_SET":
				d.timeProperties = fields
			case "PORT_DATA_SET":
				d.ports = append(d.ports, fields)
			default:
				return d, fmt.Errorf("unexpected %q", line)
			}
		case strings.HasPrefix(line, "\t\t") && fields != nil && len(words) == 2:
			fields[words[0]] = words[1]
		case strings.HasPrefix(line, "sending: "):
		default:
			return d, fmt.Errorf("unexpected %q", line)
		}
	}
	if d.parent == nil || d.current == nil || d.timeProperties == nil || d.ports == nil {
		return d, fmt.Errorf("not every dataset was answered")
	}
	return d, nil
}

// number is a field's value, NaN (which equals nothing) where it is no number.
func (d dataset) number(field string) float64 {
	if n, err := strconv.ParseInt(d[field], 0, 64); err == nil {
		return float64(n) // hexadecimal, maybe
	}
	n, err := strconv.ParseFloat(d[field], 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

// seconds is a field that holds the binary logarithm of an interval
// (IEEE 1588-2019 7.7.2.1).
func (d dataset) seconds(field string) float64 { return math.Exp2(d.number(field)) }

func TestParsePMC(t *testing.T) {
	const parent = "\t025054.fffe.000001-0 seq 1 RESPONSE MANAGEMENT PARENT_DATA_SET \n\t\tgm.ClockAccuracy                      0x21\n"
	const rest = "sending: GET PORT_DATA_SET\n" +
		"\t025054.fffe.000001-0 seq 2 RESPONSE MANAGEMENT CURRENT_DATA_SET \n\t\tstepsRemoved     1\n" +
		"\t025054.fffe.000001-0 seq 3 RESPONSE MANAGEMENT TIME_PROPERTIES_DATA_SET \n\t\tleap61                0\n" +
		"\t025054.fffe.000001-1 seq 0 RESPONSE MANAGEMENT PORT_DATA_SET \n\t\tlogSyncInterval         -2\n" +
		"\t025054.fffe.000001-2 seq 0 RESPONSE MANAGEMENT PORT_DATA_SET \n\t\tlogSyncInterval         0\n"
	got, err := parsePMC(parent + rest)
	if err != nil {
		t.Fatal(err)
	}
	want := datasets{
		dataset{"gm.ClockAccuracy": "0x21"}, dataset{"stepsRemoved": "1"}, dataset{"leap61": "0"},
		[]dataset{{"logSyncInterval": "-2"}, {"logSyncInterval": "0"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(datasets{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n, s := got.parent.number("gm.ClockAccuracy"), got.ports[0].seconds("logSyncInterval"); n != 33 || s != 0.25 {
		t.Errorf("accuracy %v, interval %v s, want 33, 0.25 s", n, s)
	}
	for _, bad := range []string{"", rest, parent, "\t\tleap61 0\n" + parent + rest, parent + rest + "\tMANAGEMENT_ERROR_STATUS\n"} {
		if d, err := parsePMC(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, d)
		}
	}
}
