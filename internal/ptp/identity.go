package ptp

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseClockIdentity reads a clock identity in any of four forms, with
// digits of either case: as linuxptp prints it, 001d7f.fffe.80024a, and as
// 001d7ffffe80024a, 0x001d7ffffe80024a and 00:1d:7f:ff:fe:80:02:4a.
func ParseClockIdentity(s string) (ClockIdentity, error) {
	if v, ok := parseIdentity(s); ok {
		return ClockIdentity(v), nil
	}
	return 0, fmt.Errorf("clock identity %q: want 16 hexadecimal digits as 001d7f.fffe.80024a, "+
		"001d7ffffe80024a, 0x001d7ffffe80024a or 00:1d:7f:ff:fe:80:02:4a", s)
}

// ParsePortIdentity reads a clock identity in any form of ParseClockIdentity
// and, after a "-", a port number from 0 to 65535: 001d7f.fffe.80024a-1.
func ParsePortIdentity(s string) (PortIdentity, error) {
	clock, port, found := strings.Cut(s, "-")
	v, ok := parseIdentity(clock)
	n, err := strconv.ParseUint(port, 10, 16)
	if !found || !ok || err != nil || port != strconv.FormatUint(n, 10) {
		return PortIdentity{}, fmt.Errorf("port identity %q: want a clock identity, \"-\" and a port number "+
			"from 0 to 65535, as 001d7f.fffe.80024a-1", s)
	}
	return PortIdentity{ClockIdentity: ClockIdentity(v), PortNumber: uint16(n)}, nil
}

// identityForms are the ways to write a clock identity; each h is a digit.
var identityForms = [...]string{
	"hhhhhh.hhhh.hhhhhh",
	"hhhhhhhhhhhhhhhh",
	"0xhhhhhhhhhhhhhhhh",
	"hh:hh:hh:hh:hh:hh:hh:hh",
}

func parseIdentity(s string) (v uint64, ok bool) {
	s = strings.ToLower(s)
	for _, form := range identityForms {
		if v, ok = matchIdentity(form, s); ok {
			break
		}
	}
	return v, ok
}

func matchIdentity(form, s string) (v uint64, ok bool) {
	if len(s) != len(form) {
		return 0, false
	}
	for i := range len(form) {
		if form[i] != 'h' {
			if s[i] != form[i] {
				return 0, false
			}
			continue
		}
		digit := strings.IndexByte("0123456789abcdef", s[i])
		if digit < 0 {
			return 0, false
		}
		v = v<<4 | uint64(digit)
	}
	return v, true
}
