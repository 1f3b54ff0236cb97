package conformance

import (
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// tsharkFrame is a frame as `tshark -T pdml` prints it.
type tsharkFrame struct {
	Protocols []struct {
		Name     string        `xml:"name,attr"`
		Position int           `xml:"pos,attr"`
		Fields   []tsharkField `xml:"field"`
	} `xml:"proto"`
}

type tsharkField struct {
	Name     string        `xml:"name,attr"`
	Show     string        `xml:"show,attr"`
	Position int           `xml:"pos,attr"`
	Fields   []tsharkField `xml:"field"`
}

// ptpOnly leaves out ICMP errors, which quote messages.
const ptpOnly = "ptp and not icmp and not icmpv6"

// tshark reads a capture and hands over frame by frame.
func tshark(t *testing.T, file, filter string, each func(*tsharkFrame)) {
	t.Helper()
	cmd := exec.Command(findTshark(t), "-n", "-r", file, "-T", "pdml", "-Y", filter)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(out)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("tshark %s: %v", file, err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "packet" {
			var f tsharkFrame
			if err := d.DecodeElement(&f, &start); err != nil {
				t.Fatalf("tshark %s: %v", file, err)
			}
			each(&f)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("tshark %s: %v: %s", file, err, &complaint)
	}
}

func findTshark(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is not installed: `make test` installs it, as does apt-get install tshark")
	}
	return path
}

// judged is the version whose readings the tables here and
// testdata/tshark-known.md are about. Others may know more, and are reported
// to, not failed.
const judged = "4.0"

// version is that of the tshark at hand: "4.0".
var version = sync.OnceValue(func() string {
	out, _ := exec.Command("tshark", "--version").Output()
	return string(regexp.MustCompile(`\d+\.\d+`).Find(out))
})

// surprise reports what the tables do not foresee: an error with the version
// they are about, a note with another.
func surprise(t *testing.T, format string, args ...any) {
	t.Helper()
	if version() == judged {
		t.Errorf(format, args...)
	} else {
		t.Logf(format, args...)
	}
}
