package simulate

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

func TestSum(t *testing.T) {
	if os.Getenv("SUM") == "" {
		t.Skip()
	}
	all, err := list()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Duration > 40*time.Minute || !strings.HasPrefix(s.Name, os.Getenv("ONLY")) {
			continue
		}
		begun := time.Now()
		tr, err := s.Run(t.Context(), 1, io.Discard)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		t.Logf("%-45s %8d frames %5.0f/s %v", s.Name, tr.Frames, float64(tr.Frames)/s.Duration.Seconds(), time.Since(begun).Round(time.Millisecond))
		for _, e := range tr.Episodes {
			worst, who := 0.0, ""
			for n, v := range e.MaxError {
				if strings.HasPrefix(n, "client") || strings.HasPrefix(n, "boundary") || strings.HasPrefix(n, "talker") || strings.HasPrefix(n, "relay") {
					if float64(v) >= worst {
						worst, who = float64(v), n
					}
				}
			}
			first := "-"
			if !e.First.IsZero() {
				first = e.First.Sub(tr.Start).String()
			}
			t.Logf("      %-22s %v..%v first %s frame %d worst %s %.0f ns  (gm %v)", e.Name, e.Start.Sub(tr.Start).Round(time.Millisecond), e.End.Sub(tr.Start).Round(time.Millisecond), first, e.FirstFrame, who, worst, e.MaxError["gm"])
		}
		if len(tr.Episodes) == 0 {
			for _, c := range tr.Clocks {
				t.Logf("      %s %s max %.1f last %.1f", c.Name, c.Role, float64(c.Error.MaxAbs), float64(c.Error.Values[len(c.Error.Values)-1]))
			}
		}
	}
}
