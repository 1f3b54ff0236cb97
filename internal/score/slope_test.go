package score

import (
	"fmt"
	"testing"
	"time"
)

// TestSlopes makes one way longer evenly, over minutes to a day.
func TestSlopes(t *testing.T) {
	for _, c := range []struct {
		onset, over time.Duration
		total       float64 // in spreads
	}{
		{time.Hour, 10 * time.Minute, 12}, {time.Hour, 10 * time.Minute, 24}, {time.Hour, time.Hour, 24}, {time.Hour, time.Hour, 48},
	} {
		for k, direction := range []string{"forward", "reverse"} {
			for seed := range uint64(3) {
				t.Run(c.over.String()+" "+direction, func(t *testing.T) {
					t.Parallel()
					spread := quiet.stillSpread(t, seed)
					total := c.total * spread
					o := watched(t, quiet.slowRamp(t, 1+k, 0, total/c.over.Seconds(), total, c.onset+c.over+30*time.Minute, c.onset), seed, c.onset, direction, total)
					fmt.Printf("XX %v %v %v %s %.1f ns: %v %v %v %+v\n", c.onset, c.over, c.total, direction, o.size*1e9, o.detected, o.named, o.wrong, o.after)
				})
			}
		}
	}
}
