package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// binaries is where the agent under test is built, once for all tests.
var binaries string

func TestMain(m *testing.M) {
	flag.Parse()
	parallel := false
	flag.Visit(func(f *flag.Flag) { parallel = parallel || f.Name == "test.parallel" })
	if !parallel {
		flag.Set("test.parallel", "4") // a case waits much more than it computes
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "ptpwatch-e2e")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binaries = dir
		return m.Run()
	}())
}

// build builds the agent, with the race detector if the tests have it.
var build = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(binaries, "ptpwatch")
	cmd := exec.Command("go", "build", fmt.Sprintf("-race=%t", raceDetector), "-o", binary, "../../cmd/ptpwatch")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return binary, nil
})

// watch runs the agent on the lab's hubs, and a Prometheus that scrapes it.
// Where there is a configuration it says which, otherwise the command line does.
func (l *lab) watch(t *testing.T, configuration string) {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"run", "--listen", agentAddress}
	if configuration != "" {
		file := filepath.Join(t.TempDir(), "ptpwatch.yaml")
		if err := os.WriteFile(file, []byte(strings.TrimSpace(configuration)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", file)
	} else {
		for _, hub := range l.hubs {
			args = append(args, "-i", hub)
		}
	}
	l.monitor(t, binary, args...)
	l.scrape(t)
}
