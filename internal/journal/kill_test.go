package journal

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// journalDir, in the environment, makes the test program keep a journal there
// until it is killed, and tell of each record that is acknowledged.
const journalDir = "PTPWATCH_TEST_JOURNAL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(journalDir); dir != "" {
		keep(dir)
		return
	}
	os.Exit(m.Run())
}

func keep(dir string) {
	o := Options{Dir: dir, MaxAge: time.Hour, MaxBytes: 1 << 30} // all of it must be there at the end
	j := New(o, slog.New(slog.DiscardHandler))
	j.open = func(path string) (file, error) {
		f, err := openSegment(path)
		return slowly{f}, err
	}
	go func() { _ = j.Run(context.Background()) }()
	var mu sync.Mutex
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				if err := j.Commit(context.Background(), time.Now(), Act, name+strings.Repeat(".", i*613%5000)); err != nil {
					panic(err)
				}
				mu.Lock()
				fmt.Println(name)
				mu.Unlock()
			}
		}()
	}
	select {}
}

// slowly writes in small pieces, so that a kill finds many half lines.
type slowly struct{ file }

func (s slowly) WriteAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = s.file.WriteAt(b[n:min(n+100, len(b))], at+int64(n))
		n += m
		time.Sleep(20 * time.Microsecond)
	}
	return n, err
}

// TestKilled: whenever the writer dies, every record that was acknowledged is
// there, the chain holds, and the next one goes on.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	torn := 0
	for round := range 20 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), journalDir+"="+dir)
		cmd.Stderr = os.Stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(pipe)
		for more := 5 + 10*(round%4); more > 0 && lines.Scan(); more-- {
			acknowledged[lines.Text()] = true
		}
		time.Sleep(time.Duration(round) * 300 * time.Microsecond) // anywhere in a write
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		var last string
		for lines.Scan() {
			last = lines.Text()
			acknowledged[last] = true
		}
		_ = cmd.Wait()
		data, err := os.ReadFile(segmentPath(dir, 1))
		if err != nil {
			t.Fatal(err)
		}
		if scanSegment(data).end < int64(len(data)) {
			torn++
		}
	}
	if torn == 0 {
		t.Error("no kill came in the middle of a line: the test shows nothing")
	}

	j := newJournal(dir)
	stop := run(t, j)
	if err := j.Commit(t.Context(), start, Act, "last"); err != nil {
		t.Fatal(err)
	}
	stop()
	found, recovered := map[string]bool{}, 0
	for _, r := range records(t, dir) {
		switch r.Kind {
		case Act:
			found[strings.Trim(string(r.Data), `".`)] = true
		case Recovered:
			recovered++
		}
	}
	if recovered != torn {
		t.Errorf("%d journals were torn, %d records say so", torn, recovered)
	}
	for name := range acknowledged {
		if !found[name] {
			t.Errorf("%q was acknowledged and is not there", name)
		}
	}
	t.Logf("%d acknowledged, %d found, %d of 20 torn", len(acknowledged), len(found), torn)
}
