package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version string

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of ptpwatch, of Go and the platform",
		Example: "  ptpwatch version",
		Args:    cobra.NoArgs,
		RunE: running(func(cmd *cobra.Command, _ []string) error {
			b := readBuild()
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "ptpwatch %s\n%s %s/%s\n",
				b, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		}),
	}
}

// build is what is known of how the program was built.
type build struct {
	version  string
	revision string    // the commit; "" when not built from a repository
	time     time.Time // of the commit
	modified bool
}

func readBuild() build {
	b := build{version: version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		b.version = cmp.Or(b.version, "unknown")
		return b
	}
	b.version = cmp.Or(b.version, info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.revision = s.Value
		case "vcs.time":
			b.time, _ = time.Parse(time.RFC3339, s.Value)
		case "vcs.modified":
			b.modified = s.Value == "true"
		}
	}
	return b
}

func (b build) String() string {
	var more []string
	if b.revision != "" {
		more = append(more, "revision "+b.revision)
	}
	if b.modified {
		more = append(more, "modified")
	}
	if len(more) == 0 {
		return b.version
	}
	return b.version + " (" + strings.Join(more, ", ") + ")"
}
