package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// nameDetectors gives alerts their names back, which viper has lower-cased, and
// thresholds their types. What a domain's detector leaves out is as for all.
func (c *Config) nameDetectors(alerts *key) {
	lower := c.Detectors
	c.Detectors = make(map[string]Detector, len(alerts.keys))
	for _, a := range alerts.keys {
		d := lower[strings.ToLower(a.name)]
		d.Thresholds = typed(d.Thresholds, a)
		c.Detectors[a.name] = d
	}
	for i := range c.Domains {
		lower, named := c.Domains[i].Detectors, map[string]Detector{}
		for _, a := range alerts.keys {
			path := fmt.Sprintf("domains[%d].detectors.%s", i, a.name)
			if slices.ContainsFunc(a.keys, func(k *key) bool { return c.given(join(path, k.name)) }) {
				named[a.name] = c.overlay(path, lower[strings.ToLower(a.name)], a)
			}
		}
		c.Domains[i].Detectors = nil
		if len(named) > 0 {
			c.Domains[i].Detectors = named
		}
	}
}

// overlay puts what is given below path over what holds for all domains.
func (c *Config) overlay(path string, d Detector, alert *key) Detector {
	all := c.Detectors[alert.name]
	if !c.given(path + ".enabled") {
		d.Enabled = all.Enabled
	}
	if !c.given(path + ".severity") {
		d.Severity = all.Severity
	}
	own := typed(d.Thresholds, alert)
	d.Thresholds = maps.Clone(all.Thresholds)
	maps.Copy(d.Thresholds, own)
	return d
}

// given says whether anybody set the key at path.
func (c *Config) given(path string) bool {
	_, ok := c.origins[path]
	return ok
}

// typed are thresholds as values of their types. The strict pass has taken what
// is none.
func typed(texts map[string]any, alert *key) map[string]any {
	values := map[string]any{}
	for name, text := range texts {
		k := alert.child(name)
		if k == nil {
			continue
		}
		v, err := parse(fmt.Sprint(text), k.typ)
		if err != nil {
			continue
		}
		if n, ok := v.(int64); ok {
			v = int(n)
		}
		values[name] = v
	}
	return values
}
