package keep

import (
	"fmt"
	"hash/fnv"
	"io"
	"reflect"
)

// Layout tells apart what is kept of a type by one build and by another: what was
// written with another layout cannot be read.
func Layout(pointers ...any) string {
	h := fnv.New64a()
	for _, p := range pointers {
		describe(h, reflect.TypeOf(p).Elem())
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

func describe(to io.Writer, t reflect.Type) {
	fmt.Fprintf(to, "%s ", t.Kind())
	v := reflect.New(t)
	if k, ok := v.Interface().(Keeper); ok {
		describeFields(to, k.Kept())
		return
	}
	if written(t) {
		return
	}
	switch t.Kind() {
	case reflect.Array:
		fmt.Fprintf(to, "%d ", t.Len())
		describe(to, t.Elem())
	case reflect.Slice, reflect.Pointer:
		describe(to, t.Elem())
	case reflect.Struct:
		describeFields(to, exported(v.Elem()))
	}
}

func describeFields(to io.Writer, fields Fields) {
	fmt.Fprintf(to, "%d ", len(fields))
	for _, f := range fields {
		fmt.Fprintf(to, "%s ", f.Name)
		describe(to, reflect.TypeOf(f.Value).Elem())
	}
}
