package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the tests compare with")

// commands are the programs that this test binary can be.
var commands = map[string]func(){"ptpwatch": main}

func TestMain(m *testing.M) { testscript.Main(m, commands) }

// TestScript runs testdata/script/*.txtar: commands as a user types them, what
// they print and their exit status.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":      wantStatus,
			"bytes":       writeBytes,
			"truncate":    truncate,
			"traffic":     traffic,
			"port":        port,
			"await":       await,
			"certificate": certificate,
		},
	})
}

// status N ptpwatch ARGS... runs a command that must end with exit status N.
func wantStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = failed.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// bytes FILE HEX writes what the file HEX spells; ";" begins a comment.
func writeBytes(ts *testscript.TestScript, _ bool, args []string) {
	var digits strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		line, _, _ = strings.Cut(line, ";")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	data, err := hex.DecodeString(digits.String())
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
}

// truncate FILE N cuts the last N octets off a file.
func truncate(ts *testscript.TestScript, _ bool, args []string) {
	cut, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()-cut))
}

// port NAME sets $NAME to a port of 127.0.0.1 that was free a moment ago; with
// a second argument "taken" it stays taken until the script ends.
func port(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, number, _ := net.SplitHostPort(l.Addr().String())
	ts.Setenv(args[0], number)
	if len(args) > 1 && args[1] == "taken" {
		ts.Defer(func() { l.Close() })
		return
	}
	ts.Check(l.Close())
}

// await FILE TEXT waits until a file holds a text.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for range 100 {
		if data, _ := os.ReadFile(ts.MkAbs(args[0])); bytes.Contains(data, []byte(args[1])) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("no %q in %s after 10 s", args[1], args[0])
}
