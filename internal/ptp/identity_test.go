package ptp

import (
	"strings"
	"testing"
)

func TestParseClockIdentity(t *testing.T) {
	for _, s := range []string{
		"001d7f.fffe.80024a", "001D7F.FFFE.80024A", "001d7ffffe80024a", "0x001d7ffffe80024a", "0X001D7FFFFE80024A",
		"00:1d:7f:ff:fe:80:02:4a", "00:1D:7f:FF:fe:80:02:4A",
	} {
		if got, err := ParseClockIdentity(s); err != nil || got != 0x001d7ffffe80024a {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "001d7f.fffe.80024", "001d7f.fffe.80024a0", "001d7f.fffe.80024g", "001d7f.fffe80024a", "001d7f-fffe-80024a",
		"001d7f.fffe.80024a-1", "1d7ffffe80024a", "0x1d7ffffe80024a", "0x001d7f.fffe.80024a", "00:1d:7f:80:02:4a",
		"00-1d-7f-ff-fe-80-02-4a", " 001d7ffffe80024a", "001d7ffffe80024a\n", "+01d7ffffe80024a", "001d_7ffffe80024",
		"０0１d7ffffe80024a",
	} {
		_, err := ParseClockIdentity(s)
		if err == nil {
			t.Errorf("%q: accepted", s)
		} else if want := "001d7f.fffe.80024a, 001d7ffffe80024a, 0x001d7ffffe80024a or 00:1d:7f:ff:fe:80:02:4a"; !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q does not say what is accepted", s, err)
		}
	}
	_, err := ParseClockIdentity("001d7f.fffe.80o24a")
	const want = `clock identity "001d7f.fffe.80o24a": want 16 hexadecimal digits as 001d7f.fffe.80024a, ` +
		`001d7ffffe80024a, 0x001d7ffffe80024a or 00:1d:7f:ff:fe:80:02:4a`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestParsePortIdentity(t *testing.T) {
	for _, s := range []string{"001d7f.fffe.80024a-1", "001d7ffffe80024a-1", "0x001D7ffffe80024a-1", "00:1d:7f:ff:fe:80:02:4a-1"} {
		if got, err := ParsePortIdentity(s); err != nil || got != gmPort {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	if got, err := ParsePortIdentity("ffffff.ffff.ffffff-65535"); err != nil || got != (PortIdentity{ClockIdentity: 0xffffffffffffffff, PortNumber: 65535}) {
		t.Errorf("all ones: %v, %v", got, err)
	}
	for _, s := range []string{"", "-", "-1", "001d7f.fffe.80024a", "001d7f.fffe.80024a-", "001d7f.fffe.80024a-65536", "001d7f.fffe.80024a-+1",
		"001d7f.fffe.80024a--1", "001d7f.fffe.80024a-01", "001d7f.fffe.80024a-0x1", "001d7f.fffe.80024-1"} {
		if _, err := ParsePortIdentity(s); err == nil || !strings.Contains(err.Error(), "from 0 to 65535") {
			t.Errorf("%q: error %v", s, err)
		}
	}
}

// What is printed is read back.
func FuzzParseIdentity(f *testing.F) {
	for _, s := range []string{"001d7f.fffe.80024a-1", "001d7ffffe80024a-0", "0x001d7ffffe80024a-65535", "00:1D:7f:ff:fe:80:02:4a-7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		port, err := ParsePortIdentity(s)
		if err != nil {
			return
		}
		again, err := ParsePortIdentity(port.String())
		if err != nil || again != port {
			t.Errorf("%q: %v, which reads as %v, %v", s, port, again, err)
		}
		clock, _, _ := strings.Cut(s, "-")
		if id, err := ParseClockIdentity(clock); err != nil || id != port.ClockIdentity {
			t.Errorf("%q: clock %v, %v", s, id, err)
		}
		digits := strings.NewReplacer(".", "", ":", "").Replace(strings.ToLower(clock))
		if want := strings.TrimPrefix(digits, "0x"); strings.ReplaceAll(port.ClockIdentity.String(), ".", "") != want {
			t.Errorf("%q: %v", s, port)
		}
	})
}
