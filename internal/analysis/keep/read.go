package keep

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// Unmarshal reads what Marshal wrote into what a pointer points to, which is
// worth nothing after an error. Nothing may be missing, and nothing may be more.
func Unmarshal(data []byte, pointer any) error {
	return read(data, reflect.ValueOf(pointer).Elem())
}

func read(data json.RawMessage, v reflect.Value) error {
	p := v.Addr().Interface()
	if k, ok := p.(Keeper); ok {
		if err := readFields(data, k.Kept(), v.Type()); err != nil {
			return err
		}
		if c, ok := p.(Checker); ok {
			return c.Check()
		}
		return nil
	}
	if written(v.Type()) {
		return json.Unmarshal(data, p)
	}
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		return readFloat(data, v)
	case reflect.Slice, reflect.Array:
		return readList(data, v)
	case reflect.Pointer:
		if string(data) == "null" {
			v.SetZero()
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return read(data, v.Elem())
	case reflect.Struct:
		return readFields(data, exported(v), v.Type())
	}
	return json.Unmarshal(data, p)
}

func readFields(data json.RawMessage, fields Fields, of reflect.Type) error {
	var values []json.RawMessage
	var byName map[string]json.RawMessage
	into := any(&values)
	if fields.named() {
		into = &byName
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", of, err)
	}
	if n := len(values) + len(byName); n != len(fields) {
		return fmt.Errorf("%s: %d values, want %d", of, n, len(fields))
	}
	for i, f := range fields {
		var value json.RawMessage
		if fields.named() {
			value = byName[f.Name]
		} else {
			value = values[i]
		}
		if value == nil {
			return fmt.Errorf("%s: %s is missing", of, f.Name)
		}
		if err := read(value, reflect.ValueOf(f.Value).Elem()); err != nil {
			return fmt.Errorf("%s%s: %w", f.Name, index(fields, i), err)
		}
	}
	return nil
}

// index names a field that has no name.
func index(fields Fields, i int) string {
	if fields.named() {
		return ""
	}
	return "[" + strconv.Itoa(i) + "]"
}

func readList(data json.RawMessage, v reflect.Value) error {
	var values []json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	switch {
	case v.Kind() == reflect.Array && len(values) != v.Len():
		return fmt.Errorf("%d values, want %d", len(values), v.Len())
	case v.Kind() == reflect.Slice:
		v.SetZero()
		if len(values) > 0 {
			v.Set(reflect.MakeSlice(v.Type(), len(values), len(values)))
		}
	}
	for i, value := range values {
		if err := read(value, v.Index(i)); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return nil
}

func readFloat(data json.RawMessage, v reflect.Value) error {
	text := string(data)
	switch text {
	case "null":
		text = "NaN"
	case `"+Inf"`, `"-Inf"`:
		text = text[1 : len(text)-1]
	default:
		if text[0] == '"' {
			return fmt.Errorf("%s is no number", text)
		}
	}
	f, err := strconv.ParseFloat(text, v.Type().Bits())
	if err != nil {
		return fmt.Errorf("%.40s is no number", text)
	}
	v.SetFloat(f)
	return nil
}
