package simulate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// The page of all keys is made of the types that scenarios are read into and
// of the comments at their fields.
func TestReference(t *testing.T) {
	const page = "../../docs/reference/scenarios.md"
	got := reference(t)
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run go test ./internal/simulate -update: -want +got:\n%s", diff)
	}
}

const referenceHead = `# Keys of scenarios

Made of the types in internal/simulate by ` + "`go test ./internal/simulate -update`" + `. How to write a scenario:
[write-a-scenario.md](../how-to/write-a-scenario.md).

Files are read strictly: an unknown key, one that is written twice, one that is missing though required (**bold** below) and a value
without its unit are errors that name line, key and what is accepted. Anchors and aliases are not accepted.
`

func reference(t *testing.T) string {
	t.Helper()
	r := &referencer{comments: comments(t)}
	r.text.WriteString(referenceHead)
	r.section("## The file", file{})
	r.section("## clocks", clockKeys{})
	r.section("## Attributes\n\nOf clocks; events may `set` them, and a host's `announce` may have them.", attributeKeys{})
	r.section("## Oscillators\n\nOf clocks, transparent switches, hosts and taps.", oscillatorKeys{})
	r.section("## switches", switchKeys{})
	r.section("## routers", routerKeys{})
	r.section("## hosts", hostKeys{})
	r.section("## links", linkKeys{})
	r.section("### load", loadKeys{})
	r.section("### burst", burstKeys{})
	r.section("## taps", tapKeys{})
	r.section("## truth", truthKeys{})
	r.section("## events\n\nEach has these keys, and exactly one of those below.", eventKeys{})
	for f := range reflect.TypeFor[verbs]().Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		title := fmt.Sprintf("### %s\n\n%s.", key, upper(r.comments["verbs."+f.Name]))
		r.section(title, reflect.Zero(f.Type.Elem()).Interface())
	}
	r.section("### Devices\n\nWhat `delay`, `drop` and `modify` have beside.", deviceKeys{})
	r.values()
	return r.text.String()
}

// comments are the comments at fields, by "struct.Field".
func comments(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					for _, id := range field.Names {
						found[spec.Name.Name+"."+id.Name] = strings.TrimSpace(field.Comment.Text())
					}
				}
			}
			return true
		})
	}
	return found
}

type referencer struct {
	text     strings.Builder
	comments map[string]string
}

func (r *referencer) section(title string, of any) {
	fmt.Fprintf(&r.text, "\n%s\n", title)
	t := reflect.TypeOf(of)
	var beside []string
	head := "\n| key | value | meaning |\n|---|---|---|\n"
	for f := range t.Fields() {
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.Anonymous && f.Type.NumField() > 0 && f.Type != reflect.TypeFor[place]() && f.Type != reflect.TypeFor[verbs]() {
			beside = append(beside, map[string]string{"attributeKeys": "attributes", "oscillatorKeys": "an oscillator", "deviceKeys": "a device"}[f.Type.Name()])
		}
		if key == "" {
			continue
		}
		if option == "required" {
			key = "**" + key + "**"
		}
		fmt.Fprintf(&r.text, "%s| %s | %s | %s |\n", head, key, valueName(f.Type), r.comments[t.Name()+"."+f.Name])
		head = ""
	}
	if beside != nil {
		fmt.Fprintf(&r.text, "\nBeside, the keys of %s.\n", strings.Join(beside, " and of "))
	}
}

// kinds are values that many keys have; what is accepted is what they say of
// one that is not.
var kinds = []struct {
	name string
	of   value
}{
	{"duration", new(length)}, {"duration above 0s", new(period)}, {"duration, or below 0s", new(duration)}, {"duration or range", new(span)}, {"interval", new(logInterval)}, {"share", new(share)},
	{"frequency", new(fraction)}, {"rate", new(rate)}, {"message type", new(message)}, {"clock identity", new(identity)},
	{"MAC address", new(mac)}, {"IP address", new(ip)}, {"managementId", new(managementID)}, {"alert", new(alertName)}, {"defect", new(defect)},
}

func valueName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[yaml.Node]():
		return "see there"
	case t == reflect.TypeFor[ref]() || t == reflect.TypeFor[*ref]():
		return "name"
	case t == reflect.TypeFor[*moment]():
		return "time"
	case t.Kind() == reflect.Pointer:
		return valueName(t.Elem())
	case t.Kind() == reflect.Slice:
		return "list of " + valueName(t.Elem())
	}
	v := reflect.New(t).Interface()
	for _, k := range kinds {
		if reflect.TypeOf(k.of) == reflect.TypeOf(v) {
			return k.name
		}
	}
	if v, ok := v.(value); ok {
		refusal := v.set("?").Error()
		if names, among := strings.CutPrefix(refusal, "accepted: "); among {
			return "`" + strings.ReplaceAll(names, ", ", "`, `") + "`"
		}
		number, _, _ := strings.Cut(strings.TrimPrefix(refusal, "a whole number from "), ",")
		return number
	}
	switch t.Kind() {
	case reflect.Struct:
		return "keys"
	case reflect.Bool:
		return "`true`, `false`"
	case reflect.String:
		return "text"
	}
	if reflect.Zero(t).CanInt() {
		return fmt.Sprintf("-%d to %d", uint64(1)<<(t.Bits()-1), uint64(1)<<(t.Bits()-1)-1)
	}
	return fmt.Sprintf("0 to %d", uint64(1)<<t.Bits()-1)
}

func (r *referencer) values() {
	r.text.WriteString("\n## Values\n\n| value | accepted |\n|---|---|\n")
	for _, k := range kinds {
		if strings.HasPrefix(k.name, "duration ab") || strings.HasPrefix(k.name, "duration, ") {
			continue // said of the first
		}
		refused := "?"
		if k.name == "interval" {
			refused = "3s"
		}
		accepted := k.of.set(refused).Error()
		if names, among := strings.CutPrefix(accepted, "accepted: "); among {
			accepted = "`" + strings.ReplaceAll(names, ", ", "`, `") + "`"
		}
		if _, ranged := k.of.(*span); ranged {
			accepted += "; or two with dots between: 120s..240s is any time in between, as the seed wills"
		}
		fmt.Fprintf(&r.text, "| %s | %s |\n", k.name, upper(accepted))
	}
	r.text.WriteString("| name | What `name` says of a clock, switch, router, host, link or tap; of clocks with a `count`, all or one |\n")
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
