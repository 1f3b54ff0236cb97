// Package keeptest finds what a type forgets to keep.
package keeptest

import (
	"reflect"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
)

// Forgotten are the fields of a struct of which nothing is kept, but for those
// that need not be.
func Forgotten(k keep.Keeper, except ...string) (names []string) {
	v := reflect.ValueOf(k).Elem()
	kept := k.Kept()
	for i := range v.NumField() {
		f := v.Field(i)
		from, size := f.Addr().Pointer(), f.Type().Size()
		is := slices.ContainsFunc(kept, func(x keep.Field) bool {
			at := reflect.ValueOf(x.Value).Pointer()
			return at >= from && at < from+size
		})
		if name := v.Type().Field(i).Name; is == slices.Contains(except, name) {
			names = append(names, name)
		}
	}
	return names
}
