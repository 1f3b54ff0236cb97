package audit

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"
)

// A plot is as wide as so many units, of which so many are columns at most; each
// is of as much time.
const (
	plotWidth, plotLeft, plotRight = 1000, 70, 10
	maxColumns                     = 920
)

// column is what one shows: seconds of each kind, and the largest errors.
type column struct {
	within, exceeded, undecided, unread, unwatched float64
	err, most                                      float64
	readings                                       uint64
}

// columns are those of a domain for one rule; of v == nil, of what was watched
// alone.
func (r *Report) columns(d *Domain, v *Verdict) []column {
	quarters := int(r.To.Sub(r.From) / QuarterLength)
	n := min(quarters, maxColumns)
	list := make([]column, n)
	length := r.Seconds() / float64(n)
	for i := range list {
		list[i].unwatched = length
	}
	for _, q := range d.Quarters {
		// A quarter counts for the column that it begins in, whole.
		i := min(n-1, int(q.From.Sub(r.From).Seconds()/length))
		c := &list[i]
		c.unwatched -= q.Watched
		rest := q.Watched
		if q := q.Compliance; v != nil && q != nil && q.Profile == v.Profile && q.Limit == v.Limit {
			c.within += q.Within
			c.exceeded += q.Exceeded
			c.undecided += q.Undecided
			rest -= q.Within + q.Exceeded + q.Undecided
			if q.Readings > 0 {
				c.readings += q.Readings
				c.err = max(c.err, math.Abs(q.Error.Min), math.Abs(q.Error.Max))
				c.most = max(c.most, q.Most)
			}
		}
		c.unread += max(0, rest)
	}
	return list
}

// svg writes one.
type svg struct{ strings.Builder }

func newSVG(height int, label string) *svg {
	s := &svg{}
	s.add(`<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, plotWidth, height, template.HTMLEscapeString(label))
	return s
}

func (s *svg) add(format string, args ...any) { fmt.Fprintf(&s.Builder, format+"\n", args...) }

func (s *svg) end() template.HTML {
	s.add("</svg>")
	return template.HTML(s.String()) // numbers, and text that was escaped
}

// x is where a part of the period lies.
func x(part float64) float64 { return plotLeft + part*(plotWidth-plotLeft-plotRight) }

// times writes the axis of time at a height.
func (s *svg) times(r *Report, y int) {
	const ticks = 6
	layout := "01-02 15:04"
	if r.To.Sub(r.From) > 20*24*time.Hour {
		layout = "2006-01-02"
	}
	for i := range ticks + 1 {
		part := float64(i) / ticks
		at := r.From.Add(time.Duration(part * float64(r.To.Sub(r.From)))).Round(time.Minute)
		anchor := "middle"
		switch i {
		case 0:
			anchor = "start"
		case ticks:
			anchor = "end"
		}
		s.add(`<line class="tick" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, x(part), x(part), y, y+5)
		s.add(`<text x="%.1f" y="%d" text-anchor="%s">%s</text>`, x(part), y+18, anchor, at.Format(layout))
	}
}

// strip shows, column by column, what was watched and what that showed.
func (r *Report) strip(d *Domain, v *Verdict) template.HTML {
	const height = 56
	s := newSVG(height+24, "What was shown over time, of "+d.where())
	list := r.columns(d, v)
	length := r.Seconds() / float64(len(list))
	for i, c := range list {
		left, right := x(float64(i)/float64(len(list))), x(float64(i+1)/float64(len(list)))
		y := float64(height)
		for _, part := range [...]struct {
			class   string
			seconds float64
		}{{"within", c.within}, {"exceeded", c.exceeded}, {"undecided", c.undecided}, {"unread", c.unread}, {"unwatched", c.unwatched}} {
			h := min(height, height*part.seconds/length)
			if h < 0.05 {
				continue
			}
			if part.class == "exceeded" {
				h = max(h, 4) // never too small to be seen
			}
			y -= h
			s.add(`<rect class="%s" x="%.2f" y="%.2f" width="%.2f" height="%.2f"/>`, part.class, left, max(0, y), right-left+0.05, h)
		}
	}
	s.times(r, height)
	return s.end()
}

// errors plots errors, and what they can be with their bounds, against the limit,
// on a logarithmic scale.
func (r *Report) errors(d *Domain, v *Verdict) template.HTML {
	const height, top = 200, 10
	if v.Readings == 0 {
		return ""
	}
	list := r.columns(d, v)
	low, high := v.Limit, v.Limit
	for _, c := range list {
		if c.readings > 0 {
			low, high = min(low, max(c.err, v.Limit/1e6)), max(high, c.most)
		}
	}
	from, to := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high*1.05))
	y := func(s float64) float64 {
		part := (math.Log10(max(s, math.Pow(10, from))) - from) / max(1, to-from)
		return top + (height-top)*(1-part)
	}
	s := newSVG(height+24, "Error over time against the limit of "+limitWord(v.Limit)+", of "+d.where())
	for e := from; e <= to; e++ {
		s.add(`<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, plotLeft, plotWidth-plotRight, y(math.Pow(10, e)), y(math.Pow(10, e)))
		s.add(`<text x="%d" y="%.1f" text-anchor="end">%s</text>`, plotLeft-6, y(math.Pow(10, e))+4, powerWord(int(e)))
	}
	s.line("most", list, func(c column) float64 { return y(c.most) })
	s.line("error", list, func(c column) float64 { return y(c.err) })
	s.add(`<line class="limit" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, plotLeft, plotWidth-plotRight, y(v.Limit), y(v.Limit))
	s.add(`<text class="limit-word" x="%d" y="%.1f" text-anchor="end">limit %s</text>`, plotWidth-plotRight-4, y(v.Limit)-4, limitWord(v.Limit))
	s.times(r, height)
	return s.end()
}

// line draws one through the columns that have readings, with holes where there
// are none.
func (s *svg) line(class string, list []column, y func(column) float64) {
	var path strings.Builder
	drawn := false
	for i, c := range list {
		if c.readings == 0 {
			drawn = false
			continue
		}
		left, right := x(float64(i)/float64(len(list))), x(float64(i+1)/float64(len(list)))
		move := "M"
		if drawn {
			move = "L"
		}
		fmt.Fprintf(&path, "%s%.2f %.2fL%.2f %.2f", move, left, y(c), right, y(c))
		drawn = true
	}
	s.add(`<path class="%s" d="%s"/>`, class, path.String())
}

// powerWord is a power of ten of seconds.
func powerWord(e int) string {
	for _, u := range [...]struct {
		name string
		e    int
	}{{"s", 0}, {"ms", -3}, {"µs", -6}, {"ns", -9}, {"ps", -12}} {
		if e >= u.e {
			return fmt.Sprintf("%.0f %s", math.Pow10(e-u.e), u.name)
		}
	}
	return fmt.Sprintf("1e%d s", e)
}
