package truth

import (
	"bytes"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteRead(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 0, 0, 1, time.UTC)
	want := &Truth{
		Scenario: "a", Description: "b", Seed: 3, Start: at, Duration: time.Hour, Frames: 4, Config: "domains: []\n",
		Interfaces: []Interface{{Name: "eth0", Link: "l", Clock: "ocxo", Timescale: "utc", Error: Series{time.Second, []Nanoseconds{-1.5, 2}, 2}}},
		Clocks:     []Clock{{Name: "gm", Identity: "001d7f.fffe.80024a", Role: "grandmaster"}},
		Episodes: []Episode{{
			Name: "e", Kind: Attack, Type: "replay", Size: "2s", Start: at, End: at.Add(time.Second), First: at, FirstFrame: 7, Attacker: "x", Clocks: []string{"x"},
			Direction: "forward", Network: "eth0", Domain: 24, Alerts: []string{"PTPReplay"}, Tolerated: []string{"PTPFlood"}, Severity: "critical",
			MaxError: map[string]Nanoseconds{"gm": 0.1},
		}},
		Paths: []Path{{Interface: "eth0", Clock: "gm", Identity: "001d7f.fffe.80024a", Port: 1, From: at, Forward: 350.1, Reverse: new(Nanoseconds(2)), Peer: new(Nanoseconds(-3))}},
	}
	var file bytes.Buffer
	if err := want.Write(&file); err != nil {
		t.Fatal(err)
	}
	got, err := Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := Read(strings.NewReader(`{"scenarios": "a"}`)); err == nil {
		t.Error("an unknown key is taken")
	}
}

// The page of the truth has every key, and no other.
func TestReference(t *testing.T) {
	page, err := os.ReadFile("../../../docs/reference/truth.md")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	keys(reflect.TypeFor[Truth](), &want)
	row := regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|")
	for _, m := range row.FindAllSubmatch(page, -1) {
		for key := range strings.SplitSeq(string(m[1]), ", ") {
			got = append(got, strings.Trim(key, "`"))
		}
	}
	for _, all := range []*[]string{&want, &got} {
		slices.Sort(*all)
		*all = slices.Compact(*all)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-types +page):\n%s", diff)
	}
}

// keys collects the JSON names of a struct's fields and of theirs.
func keys(s reflect.Type, all *[]string) {
	for f := range s.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		*all = append(*all, name)
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner.PkgPath() == s.PkgPath() {
			keys(inner, all)
		}
	}
}
