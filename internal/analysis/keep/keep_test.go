package keep

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type hidden struct {
	number  float64
	values  [3]float64
	list    []pair
	open    open
	pointer *pair
	none    *pair
	sure    bool
	n       int
	text    string
}

func (h *hidden) Kept() Fields {
	return Fields{
		{"number", &h.number}, {"values", &h.values}, {"list", &h.list}, {"open", &h.open}, {"pointer", &h.pointer}, {"none", &h.none},
		{"sure", &h.sure}, {"n", &h.n}, {"text", &h.text},
	}
}

func (h *hidden) Check() error {
	if h.n < 0 {
		return fmt.Errorf("n is %d", h.n)
	}
	return nil
}

type pair struct {
	a int64
	b float32
}

func (p *pair) Kept() Fields { return Row(&p.a, &p.b) }

type open struct {
	Small float64
	Kind  uint8
}

const text = `{"number":0.1,"values":[null,"+Inf","-Inf"],"list":[[9007199254740993,0.1],[-1,0]],"open":{"Small":5e-324,"Kind":7},` +
	`"pointer":[1,2],"none":null,"sure":true,"n":3,"text":"a \"b\" \u003c"}`

func example() hidden {
	return hidden{
		0.1, [3]float64{math.NaN(), math.Inf(1), math.Inf(-1)}, []pair{{9007199254740993, 0.1}, {-1, 0}}, open{5e-324, 7},
		&pair{1, 2}, nil, true, 3, `a "b" <`,
	}
}

// What is written is read as it was, to the last bit.
func TestThereAndBack(t *testing.T) {
	before := example()
	got, err := Marshal(&before)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, string(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	after := hidden{list: make([]pair, 7), none: &pair{}}
	if err := Unmarshal(got, &after); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after, cmp.AllowUnexported(hidden{}, pair{}), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("-before +after\n%s", diff)
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, c := range []struct{ instead, of, want string }{
		{"", text, "unexpected end of JSON input"},
		{"[]", text, "cannot unmarshal array"},
		{`"sure":true,"n":-3`, `"sure":true,"n":3`, "n is -3"},
		{`"numbers"`, `"number"`, "number is missing"},
		{``, `"number":0.1,`, "8 values, want 9"},
		{`"number":0.1,"more":1,`, `"number":0.1,`, "10 values, want 9"},
		{`[1]`, `[1,2]`, "pointer: keep.pair: 1 values, want 2"},
		{`["a",2]`, `[1,2]`, "pointer: [0]: json: cannot unmarshal string"},
		{`["-Inf"]`, `[null,"+Inf","-Inf"]`, "values: 1 values, want 3"},
		{`[null,"x",1]`, `[null,"+Inf","-Inf"]`, `values: [1]: "x" is no number`},
		{`{}`, `[null,"+Inf","-Inf"]`, "values: json: cannot unmarshal object"},
		{`"Kind":256`, `"Kind":7`, "open: Kind: json: cannot unmarshal number 256"},
		{`[-1,1e99]`, `[-1,0]`, "list: [1]: [1]: 1e99 is no number"},
		{`[-1,[]]`, `[-1,0]`, "list: [1]: [1]: [] is no number"},
	} {
		var h hidden
		err := Unmarshal([]byte(strings.Replace(text, c.of, c.instead, 1)), &h)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q: %v, want %q", c.instead, c.of, err, c.want)
		}
	}
}

type longer struct{ hidden }

func (l *longer) Kept() Fields {
	f := l.hidden.Kept()
	f[1].Value = new([4]float64)
	return f
}

type renamed struct{ hidden }

func (r *renamed) Kept() Fields {
	f := r.hidden.Kept()
	f[1].Name = "others"
	return f
}

func TestLayout(t *testing.T) {
	if Layout(&hidden{}) != Layout(&hidden{n: 7, pointer: &pair{}}) {
		t.Error("the layout hangs on values")
	}
	all := map[string]string{}
	for name, l := range map[string]string{
		"one": Layout(&hidden{}), "another length": Layout(&longer{}), "another name": Layout(&renamed{}), "two": Layout(&hidden{}, &pair{}), "a row": Layout(&pair{}),
	} {
		if other := all[l]; other != "" {
			t.Errorf("%s and %s have one layout, %s", name, other, l)
		}
		all[l] = name
	}
}
