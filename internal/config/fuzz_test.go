package config

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzLoad: no file makes Load panic, a refusal says why, and what is accepted
// is printed as a file that is read as the same.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(examples())
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := load("fuzz.yaml", data, nil, options)
		if err != nil {
			if problems, ok := err.(Problems); !ok || len(problems) == 0 {
				t.Fatalf("not the file's fault: %v", err)
			}
			return
		}
		var b bytes.Buffer
		if err := first.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := load("fuzz.yaml", b.Bytes(), nil, options)
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if diff := cmp.Diff(first, again, same, cmpopts.IgnoreFields(Config{}, "Warnings")); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
