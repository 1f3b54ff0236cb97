package state

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// writerDir, in the environment, makes the test program write values there
// until it is killed, and tell of each that was written.
const writerDir = "PTPWATCH_TEST_WRITE_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerDir); path != "" {
		write(path)
		return
	}
	os.Exit(m.Run())
}

func write(path string) {
	d, err := Open(path)
	if err != nil {
		panic(err)
	}
	f := d.File("value.json", 1)
	var v value
	_ = f.Read(&v)
	for {
		v.N++
		v.Fill = fill(v.N)
		if err := f.Write(v); err != nil {
			panic(err)
		}
		fmt.Println(v.N)
	}
}

// fill is of a length and of letters that tell n.
func fill(n int) string { return strings.Repeat(strconv.Itoa(n), 1+n*7919%20000) }

// TestKilled: whenever the writer dies, what is read is the last value it was
// told is written, or the one after, whole.
func TestKilled(t *testing.T) {
	path := t.TempDir()
	last := 0
	for round := range 25 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), writerDir+"="+path)
		cmd.Stderr = os.Stderr
		told, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(told)
		for more := 2 + round%3; more > 0 && lines.Scan(); more-- {
			last, _ = strconv.Atoi(lines.Text())
		}
		time.Sleep(time.Duration(round) * 400 * time.Microsecond) // anywhere in a write
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			last, _ = strconv.Atoi(lines.Text())
		}
		_ = cmd.Wait()
		var v value
		if err := (File{path + "/value.json", 1}).Read(&v); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if v.N != last && v.N != last+1 || v.Fill != fill(v.N) {
			t.Fatalf("round %d: read %d with %d octets, and %d was written last", round, v.N, len(v.Fill), last)
		}
		last = v.N
	}
}
