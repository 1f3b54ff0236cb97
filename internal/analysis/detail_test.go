package analysis

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis/jury"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep/keeptest"
)

func TestNothingIsForgotten(t *testing.T) {
	for k, except := range map[keep.Keeper][]string{
		&timing{}: {"tap", "distribution", "announce", "flags"}, &pathWatch{}: nil, &tampering{}: {"asking", "epoch"}, &tamperedWay{}: nil,
		&span{}:  {"way", "blocks", "count"},
		&court{}: {"source", "clock", "ifaces", "sat"},
	} {
		if got := keeptest.Forgotten(k, except...); got != nil {
			t.Errorf("%T: %q", k, got)
		}
	}
}

// learnedLine is a tap that has heard a port and three clients for a while, and a
// jury that has sat once.
func learnedLine(t testing.TB, eighths int) (*bench, *line) {
	b := newBench(t, Config{})
	l := &line{Rand: rand.New(rand.NewPCG(1, 2)), clients: 3, load: 0.3, tells: true}
	l.run(b, eighths)
	sat := &court{clock: "ptp0"}
	sat.panel.Judge(7, []jury.Testimony{{Key: jury.Key{Network: "eth0"}, Offset: 1e-6}})
	b.juries = append(b.juries, sat)
	return b, l
}

// What was learned is the same when it was kept, whether or not anything has been
// heard meanwhile.
func TestDetailsStay(t *testing.T) {
	b, l := learnedLine(t, 8*200)
	before := b.State()
	again := resumed(t, before).State()
	if diff := cmp.Diff(before.Domains[0].Timings, again.Domains[0].Timings); diff != "" || len(before.Domains[0].Timings) != 1 {
		t.Errorf("%d timings, -before +after\n%s", len(before.Domains[0].Timings), diff)
	}
	if diff := cmp.Diff(before.Juries, again.Juries); diff != "" || len(before.Juries) != 1 {
		t.Errorf("%d juries, -before +after\n%s", len(before.Juries), diff)
	}
	b.Tracker = resumed(t, before)
	l.run(b, 8)
	if s := b.State(); len(s.Domains[0].Timings) != 1 || len(b.kept) != 0 {
		t.Errorf("%d timings, %d not taken up", len(s.Domains[0].Timings), len(b.kept))
	}
	if v := b.View().Domains[0].Ports; len(v) == 0 {
		t.Error("no ports")
	}
}

// Of very many timings those are kept that something is suspected of.
func TestDetailsAreLimited(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 2 * mostDetailed {
		tm := &timing{tampering: &tampering{}}
		tm.tap = fmt.Sprint("eth", i)
		b.kept[pathKey{tap: tm.tap}] = tm
	}
	if got := len(b.detailed()); got != mostDetailed {
		t.Errorf("%d, want %d", got, mostDetailed)
	}
}

// What another build has kept is learned anew; what none has is refused.
func TestDetailsOfOthers(t *testing.T) {
	b, _ := learnedLine(t, 8*200)
	for _, c := range []struct {
		name   string
		change func(s *State)
		want   string
		kept   int
	}{
		{"the same", func(*State) {}, "", 1},
		{"another layout", func(s *State) { s.Layout = "0123456789abcdef" }, "", 0},
		{"a timing", func(s *State) { s.Domains[0].Timings[0].Detail = Detail("{}") }, "what was learned of 000000.0000.0000a0-1 at eth0: analysis.timing: 0 values, want 4", 0},
		{"a jury", func(s *State) { s.Juries[0].Detail = Detail("[]") }, "the jury of clock \"ptp0\": analysis.court: json: cannot unmarshal array", 0},
		{"a way", func(s *State) { s.Spans = []SpanState{{"a", "b", Detail("[]")}} }, "what was learned of the way from a to b: analysis.span: json: cannot unmarshal array", 0},
	} {
		s := b.State()
		c.change(s)
		tracker, err := Resume(Config{}, s)
		if c.want == "" && err == nil {
			if got := len(tracker.kept); got != c.kept {
				t.Errorf("%s: %d timings, want %d", c.name, got, c.kept)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestDetailText(t *testing.T) {
	long := Detail(strings.Repeat("[0.25,null]", 1<<16))
	text, err := json.Marshal(long)
	if err != nil || len(text) > 1<<13 {
		t.Fatalf("%d octets, %v", len(text), err)
	}
	var back Detail
	if err := json.Unmarshal(text, &back); err != nil || string(back) != string(long) {
		t.Errorf("%v, %d octets, want %d", err, len(back), len(long))
	}
	bomb, err := json.Marshal(Detail(make([]byte, mostDetail+1)))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`"????"`: "illegal base64", `"H4sI"`: "EOF", string(bomb): "more than 16 MiB", string(text[:len(text)-9]) + `"`: "EOF",
	} {
		if err := json.Unmarshal([]byte(text), &back); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: %v, want %q", text, err, want)
		}
	}
}

var numbers = regexp.MustCompile(`-?[0-9][0-9.e+-]*`)

// FuzzDetail: whatever numbers are where what was learned has others, they are
// refused, or the analysis goes on with them.
func FuzzDetail(f *testing.F) {
	learned, _ := learnedLine(f, 8*150)
	begun, _ := learnedLine(f, 30)
	var texts []string
	for _, b := range []*bench{learned, begun} {
		texts = append(texts, string(b.State().Domains[0].Timings[0].Detail))
	}
	scope := learned.View().Domains[0].Scope
	f.Add(false, uint16(7), uint16(300), int64(-1), int64(70))
	f.Add(true, uint16(900), uint16(40), int64(1<<62), int64(-1<<62))
	f.Fuzz(func(t *testing.T, short bool, one, two uint16, first, second int64) {
		text := texts[0]
		if short {
			text = texts[1]
		}
		where := numbers.FindAllStringIndex(text, -1)
		at := []int{int(one) % len(where), int(two) % len(where)}
		if at[0] == at[1] {
			return
		}
		values := []int64{first, second}
		if at[0] > at[1] {
			slices.Reverse(at)
			slices.Reverse(values)
		}
		a, b := where[at[0]], where[at[1]]
		data := Detail(text[:a[0]] + strconv.FormatInt(values[0], 10) + text[a[1]:b[0]] + strconv.FormatInt(values[1], 10) + text[b[1]:])
		tm := &timing{tap: "eth0"}
		if data.into(tm) != nil {
			return
		}
		if err := detailOf(tm).into(&timing{}); err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		bench := newBench(t, Config{})
		bench.kept[pathKey{scope, gmA, "eth0"}] = tm
		l := &line{Rand: rand.New(rand.NewPCG(1, 2)), clients: 2, tells: true}
		l.run(bench, 8*40)
		if len(bench.kept) != 0 {
			t.Error("it was not taken up")
		}
		bench.HandleTick(bench.at.Add(time.Minute), bench.emit)
		bench.State()
	})
}
