package keep

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// Field is one thing that is kept of a value.
type Field struct {
	Name  string
	Value any // points to it
}

// Fields are all of them. They are written as an object or, without names, as an
// array in their order.
type Fields []Field

// Row lists fields without names, for what there is much of.
func Row(values ...any) Fields {
	f := make(Fields, len(values))
	for i, v := range values {
		f[i].Value = v
	}
	return f
}

func (f Fields) named() bool { return len(f) > 0 && f[0].Name != "" }

// Keeper is a type that says what is to be kept of it: a pointer has the method.
type Keeper interface{ Kept() Fields }

// Checker is a Keeper that can tell that what was read is no state it can be in.
type Checker interface{ Check() error }

// Marshal writes what a pointer points to as JSON. Floating-point numbers keep all
// digits: NaN is null, and infinities are the strings "+Inf" and "-Inf".
func Marshal(pointer any) ([]byte, error) {
	return write(nil, reflect.ValueOf(pointer).Elem())
}

func write(to []byte, v reflect.Value) ([]byte, error) {
	if k, ok := v.Addr().Interface().(Keeper); ok {
		return writeFields(to, k.Kept())
	}
	if written(v.Type()) {
		text, err := json.Marshal(v.Addr().Interface())
		return append(to, text...), err
	}
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		return writeFloat(to, v.Float(), v.Type().Bits()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(to, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(to, v.Uint(), 10), nil
	case reflect.Bool:
		return strconv.AppendBool(to, v.Bool()), nil
	case reflect.String:
		text, err := json.Marshal(v.String())
		return append(to, text...), err
	case reflect.Slice, reflect.Array:
		return writeList(to, v)
	case reflect.Pointer:
		if v.IsNil() {
			return append(to, "null"...), nil
		}
		return write(to, v.Elem())
	case reflect.Struct:
		return writeFields(to, exported(v))
	}
	return nil, fmt.Errorf("%s cannot be kept", v.Type())
}

// written says whether a type has a text of its own.
func written(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textType) }

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// exported are the fields of a struct that hides none.
func exported(v reflect.Value) Fields {
	f := make(Fields, v.NumField())
	for i := range f {
		f[i] = Field{v.Type().Field(i).Name, v.Field(i).Addr().Interface()}
	}
	return f
}

func writeFields(to []byte, fields Fields) ([]byte, error) {
	opens, closes := byte('['), byte(']')
	if fields.named() {
		opens, closes = '{', '}'
	}
	var err error
	for i, f := range fields {
		if i == 0 {
			to = append(to, opens)
		} else {
			to = append(to, ',')
		}
		if f.Name != "" {
			to = append(strconv.AppendQuote(to, f.Name), ':')
		}
		if to, err = write(to, reflect.ValueOf(f.Value).Elem()); err != nil {
			return nil, err
		}
	}
	return append(to, closes), nil
}

func writeList(to []byte, v reflect.Value) ([]byte, error) {
	var err error
	to = append(to, '[')
	for i := range v.Len() {
		if i > 0 {
			to = append(to, ',')
		}
		if to, err = write(to, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return append(to, ']'), nil
}

func writeFloat(to []byte, v float64, bits int) []byte {
	switch {
	case math.IsNaN(v):
		return append(to, "null"...)
	case math.IsInf(v, 0):
		return strconv.AppendQuote(to, strconv.FormatFloat(v, 'g', -1, bits))
	}
	return strconv.AppendFloat(to, v, 'g', -1, bits)
}
