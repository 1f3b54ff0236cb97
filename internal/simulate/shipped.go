package simulate

import (
	"embed"
	"fmt"
	"path"
	"slices"
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
	for _, s := range all {
		if base, _, _ := strings.Cut(s.Name, "/"); s.Name == name || base == name {
			return s, nil
		}
	}
	return nil, unknown(name, all)
}

// unknown is the error of a name that no scenario has, with those that are
// like it.
func unknown(name string, all []*Scenario) error {
	base, _, _ := strings.Cut(name, "/")
	var variants, near []string
	for _, s := range all {
		switch have, _, _ := strings.Cut(s.Name, "/"); {
		case have == base:
			variants = append(variants, s.Name)
		case strings.Contains(have, base) && !slices.Contains(near, have):
			near = append(near, have)
		}
	}
	switch {
	case variants != nil:
		return fmt.Errorf("no scenario is called %q: there are %s", name, strings.Join(variants, ", "))
	case near != nil:
		return fmt.Errorf("no scenario is called %q: like it are %s; simulate --list shows all", name, strings.Join(near, ", "))
	}
	return fmt.Errorf("no scenario is called %q: simulate --list shows all", name)
}

// Source is the file of the shipped scenario of a name.
func Source(name string) ([]byte, error) {
	if _, err := Load(name); err != nil {
		return nil, err
	}
	base, _, _ := strings.Cut(name, "/")
	return shipped.ReadFile(path.Join("scenarios", base+".yaml"))
}
