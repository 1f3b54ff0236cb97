package detect

import "testing"

// What has no name gets it from others, if they are sure, and holds under that.
func TestName(t *testing.T) {
	for _, tt := range []struct {
		name          string
		kind          Kind
		offset, sigma float64
		before        Kind // that has moved, too
		want          Kind
	}{
		{"Syncs", Unnamed, 26e-9, 2e-9, Nothing, Forward},
		{"requests", Unnamed, -23e-9, 2e-9, Nothing, Reverse},
		{"both, or the others moved", Unnamed, 1e-9, 2e-9, Nothing, Unnamed},
		{"a clock, beside what moved the mean", Unnamed, 300e-9, 2e-9, Nothing, Unnamed},
		{"the others do not know", Unnamed, 26e-9, 40e-9, Nothing, Unnamed},
		{"something else has moved before", Unnamed, 26e-9, 2e-9, Forward, Unnamed},
		{"it has a name", Both, 26e-9, 2e-9, Nothing, Both},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p Path
			p.moved[tt.kind] = 25e-9
			p.moved[tt.before] += 10e-9
			c := Change{Kind: tt.kind, Mean: 5e-9, MeanError: 1e-9}
			named := p.Name(&c, tt.offset, tt.sigma)
			if c.Kind != tt.want || named != (tt.want != tt.kind) {
				t.Fatalf("%v %v, want %v", c.Kind, named, tt.want)
			}
			if p.Moved(tt.want) != 25e-9 || named && (c.Mean != 25e-9 || c.Offset != tt.offset || p.Moved(tt.kind) != 0) {
				t.Errorf("%+v, moved %v", c, p.moved)
			}
		})
	}
}
