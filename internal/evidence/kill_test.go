package evidence

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// keepDir, in the environment, makes the test program keep evidence and a
// journal there until it is killed, and tell of each that is whole.
const keepDir = "PTPWATCH_TEST_EVIDENCE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(keepDir); dir != "" {
		keep(dir)
		return
	}
	os.Exit(m.Run())
}

// keep has alert after alert, and evidence of about a megabyte for each.
func keep(dir string) {
	silent := slog.New(slog.DiscardHandler)
	j := journal.New(journal.Options{Dir: filepath.Join(dir, "journal"), MaxAge: time.Hour, MaxBytes: 1 << 30}, silent)
	go func() { _ = j.Run(context.Background()) }()
	r := newRig(&testing.T{})
	r.options.Dir = filepath.Join(dir, "evidence")
	r.begin()
	r.recorder.journal = Log{Record: j.Post, Head: func() journal.Head { return j.Stats().Head }}
	go func() { _ = r.recorder.Run(context.Background()) }()
	for i := uint64(1); ; i++ {
		for range 100 {
			r.hear("eth0", announce(gm1, 100))
			for range 50 {
				r.hearFrame("eth0", padded)
			}
			r.at = r.at.Add(time.Second / 8)
		}
		r.seconds(1, announce(gm1, 100), announce(gm3, 50))
		r.seconds(90, announce(gm1, 100))
		for r.recorder.Stats().Written < i {
			time.Sleep(100 * time.Microsecond)
		}
		fmt.Println(i)
	}
}

// padded is a Sync of full length.
var padded = append([]byte{0x01, 0x1b, 0x19, 0, 0, 0, 2, 0, 0, 0, 0, 9, 0x88, 0xf7, 0, 2, 0, 44}, make([]byte, 1400)...)

// TestKilled: whenever the agent dies, what it leaves is whole evidence or no
// evidence, all that was acknowledged is there, and the next agent goes on with
// the chain.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	acknowledged, torn := 0, 0
	for round := range 15 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), keepDir+"="+dir)
		cmd.Stderr = os.Stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(pipe)
		for range 1 + rand.IntN(2) {
			if !lines.Scan() {
				t.Fatal("it ended by itself")
			}
			acknowledged++
		}
		go func() {
			if round%3 > 0 { // in the middle of writing
				for parts := []string(nil); len(parts) == 0; _, parts, _ = list(filepath.Join(dir, "evidence")) {
				}
				time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
			} else {
				time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
			}
			_ = cmd.Process.Kill()
		}()
		for lines.Scan() {
			acknowledged++
		}
		_ = cmd.Wait()
		if _, parts, err := list(filepath.Join(dir, "evidence")); err != nil {
			t.Fatal(err)
		} else if len(parts) > 0 {
			torn++
		}
		report, err := Verify(filepath.Join(dir, "evidence"), filepath.Join(dir, "journal"))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range report.Breaks {
			t.Errorf("after a kill: %s", b)
		}
		if report.Evidence < acknowledged {
			t.Fatalf("%d whole, %d acknowledged", report.Evidence, acknowledged)
		}
		acknowledged = report.Evidence // one may have been done and not told
	}
	if torn == 0 {
		t.Error("no kill came while something was written: the test shows nothing")
	}
	s, err := openStore(Options{Dir: filepath.Join(dir, "evidence"), MaxBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if _, parts, err := list(filepath.Join(dir, "evidence")); err != nil || len(parts) > 0 {
		t.Errorf("the next agent leaves %q: %v", parts, err)
	}
	if _, err := openStore(Options{Dir: filepath.Join(dir, "evidence")}); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("a second agent in the same folder: %v", err)
	}
	t.Logf("%d kept in 15 runs, %d of them killed while writing", acknowledged, torn)
}
