package agent

import (
	"runtime/debug"

	"github.com/ptpwatch/ptpwatch/internal/export"
)

// version is set by the linker for a release.
var version string

// Build says what is running: what the linker was told, else what the module
// and the version control system say.
func Build() export.Build {
	b := export.Build{Version: version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "-tags":
			b.Tags = s.Value
		}
	}
	return b
}
