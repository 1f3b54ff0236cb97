package config

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// delimiter joins key paths inside viper. Its own, the dot, would split an
// alert's or anybody's name that holds one.
const delimiter = "\x1f"

// key is a node of the tree of all keys there are: a scalar, or a mapping of
// keys, or a list of items.
type key struct {
	name   string
	typ    reflect.Type
	def    string   // the default's text
	oneof  []string // the texts accepted; nil is any
	lo, hi int64    // the range of an integer
	keys   []*key   // of a mapping, in order
	item   *key     // of a list
}

// keyTree is the tree of Config, with detectors.<name> for each alert. In a
// domain a detector has no defaults: what it leaves out is as for all domains.
func keyTree(alerts []Alert) *key {
	root := newKey("", reflect.TypeFor[Config](), "")
	everywhere, here := root.child("detectors"), root.child("domains").item.child("detectors")
	for _, a := range alerts {
		everywhere.keys = append(everywhere.keys, newDetector(a))
		k := newDetector(a)
		for _, child := range k.keys {
			child.def = ""
		}
		here.keys = append(here.keys, k)
	}
	return root
}

func newDetector(a Alert) *key {
	k := newKey(a.Name, reflect.TypeFor[Detector](), "")
	k.child("severity").def = a.Severity
	for _, t := range a.Thresholds {
		child := newKey(t.Name, reflect.TypeOf(t.Default), `min:"1" max:"1000000000"`)
		child.def = format(t.Default)
		k.keys = append(k.keys, child)
	}
	return k
}

func newKey(name string, t reflect.Type, tag reflect.StructTag) *key {
	k := &key{name: name, typ: t, def: tag.Get("default")}
	switch {
	case isScalar(t):
		if oneof := tag.Get("oneof"); oneof != "" {
			k.oneof = strings.Split(oneof, "|")
		}
		k.lo, k.hi = bounds(t, tag)
	case t.Kind() == reflect.Slice:
		k.item = newKey("", t.Elem(), tag)
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			if name := f.Tag.Get("mapstructure"); name != "" && name[0] != '-' && name[0] != ',' {
				k.keys = append(k.keys, newKey(name, f.Type, f.Tag))
			}
		}
	}
	return k
}

// bounds are the least and greatest value of an integer.
func bounds(t reflect.Type, tag reflect.StructTag) (lo, hi int64) {
	lo, hi = math.MinInt64, math.MaxInt64
	if t.Kind() == reflect.Uint8 || t.Kind() == reflect.Uint16 {
		lo, hi = 0, 1<<t.Bits()-1
	}
	if n, err := strconv.ParseInt(tag.Get("min"), 10, 64); err == nil {
		lo = n
	}
	if n, err := strconv.ParseInt(tag.Get("max"), 10, 64); err == nil {
		hi = n
	}
	return lo, hi
}

func (k *key) isScalar() bool { return isScalar(k.typ) }

// child is the key called name in a mapping; nil when there is none.
func (k *key) child(name string) *key {
	for _, c := range k.keys {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (k *key) childNames() []string {
	list := make([]string, len(k.keys))
	for i, c := range k.keys {
		list[i] = c.name
	}
	return list
}

// scalars calls f with every scalar below k that is in no list, and its path.
func (k *key) scalars(path []string, f func(path []string, k *key)) {
	if k.isScalar() {
		f(path, k)
	}
	for _, c := range k.keys {
		c.scalars(append(slices.Clip(path), c.name), f)
	}
}

// environment is the name of the variable that sets the scalar at path.
func environment(path []string) string {
	return "PTPWATCH_" + strings.ToUpper(strings.Join(path, "_"))
}
