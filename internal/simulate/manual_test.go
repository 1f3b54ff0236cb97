package simulate

import (
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// The example of the manual does what the manual says.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/how-to/write-a-scenario.md")
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
	if text == nil {
		t.Fatal("the manual has no example")
	}
	all, err := Variants("two-floors.yaml", text[1])
	if err != nil {
		t.Fatal(err)
	}
	for i, late := range []float64{1000, 10_000} {
		tr, err := all[i].Run(t.Context(), 1, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		e := &tr.Episodes[1]
		if e.Name != "held-up" || e.Kind != truth.Attack || e.FirstFrame == 0 || e.End.Sub(e.Start) != 5*time.Minute {
			t.Errorf("%s: %+v", all[i].Name, e)
		}
		for _, c := range tr.Clocks {
			want := 0.0
			if strings.HasPrefix(c.Name, "upper") {
				want = -late - 15 // and half of the riser's asymmetry
			}
			if got := meanError(t, tr, c.Name, e.End.Add(-time.Second)); math.Abs(got-want) > 20 {
				t.Errorf("%s: %s is off by %.0f ns, want %.0f", all[i].Name, c.Name, got, want)
			}
		}
	}
}

// What the manual shows of a refusal is what is said of its example with two
// mistakes in it.
func TestRefusedExample(t *testing.T) {
	page, err := os.ReadFile("../../docs/how-to/write-a-scenario.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)[1])
	text = strings.Replace(text, "name: upper, role: client", "name: upper, role: master", 1)
	text = strings.Replace(text, "delay: 400ns", "delay: 400", 1)
	_, err = Parse("two-floors.yaml", []byte(text))
	if err == nil || !strings.Contains(string(page), "ptpwatch: scenario refused\n"+err.Error()+"\n") {
		t.Errorf("the manual does not show\n%v", err)
	}
}
