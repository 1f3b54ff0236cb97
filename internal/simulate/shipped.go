package simulate

import (
	"embed"
	"fmt"
	"path"
	"strings"
	"sync"
)

//go:embed scenarios/*.yaml
var shipped embed.FS

// List is every scenario that ships, each variant by itself, in the order of
// their names.
func List() []*Scenario {
	all, err := list()
	if err != nil {
		panic(err) // they are in the binary: a test reads them
	}
	return all
}

var list = sync.OnceValues(func() (all []*Scenario, err error) {
	entries, err := shipped.ReadDir("scenarios")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := shipped.ReadFile(path.Join("scenarios", e.Name()))
		if err != nil {
			return nil, err
		}
		variants, err := Variants(e.Name(), data)
		if err != nil {
			return nil, err
		}
		all = append(all, variants...)
	}
	return all, nil
})

// Load is the shipped scenario of a name. "sync-delay" is the first of its
// variants, "sync-delay/500ns" the one so called.
func Load(name string) (*Scenario, error) {
	all, err := list()
	if err != nil {
		return nil, err
	}
	var near []string
	for _, s := range all {
		base, _, _ := strings.Cut(s.Name, "/")
		if s.Name == name || base == name {
			return s, nil
		}
		if want, _, _ := strings.Cut(name, "/"); base == want {
			near = append(near, s.Name)
		}
	}
	if near != nil {
		return nil, fmt.Errorf("no scenario is called %q: there are %s", name, strings.Join(near, ", "))
	}
	return nil, fmt.Errorf("no scenario is called %q: simulate --list shows all", name)
}
