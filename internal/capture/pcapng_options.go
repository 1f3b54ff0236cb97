package capture

import (
	"fmt"
	"strings"
	"unicode"
)

// Option codes (draft-ietf-opsawg-pcapng 3.5, 4.1 to 4.6).
const (
	optEnd            = 0
	optComment        = 1
	optInterfaceName  = 2
	optTimeResolution = 9
	optTimeOffset     = 14

	optFlags     = 2 // of a packet
	optDropCount = 4

	optInterfaceDrops = 5 // of interface statistics
	optSystemDrops    = 7

	optApplication = 4 // of a section
)

// options walks the options at the end of a block.
type options struct {
	order order
	rest  []byte
}

// next returns one option; more is false at the end.
func (o *options) next() (code uint16, value []byte, more bool, err error) {
	if len(o.rest) < 4 {
		return 0, nil, false, nil
	}
	code = o.order.u16(o.rest)
	if code == optEnd {
		return 0, nil, false, nil
	}
	n := int(o.order.u16(o.rest[2:]))
	if n > len(o.rest)-4 {
		return 0, nil, false, fmt.Errorf("option %d of %d octets: %d are left in the block", code, n, len(o.rest)-4)
	}
	value = o.rest[4 : 4+n]
	o.rest = o.rest[min(4+padded(n), len(o.rest)):]
	return code, value, true, nil
}

// padded rounds up to the 32 bits that all of pcapng is aligned to.
func padded(n int) int { return (n + 3) &^ 3 }

// printable makes a name of a file fit for labels and terminals.
func printable(b []byte) string {
	b = b[:min(len(b), maxNameLength)]
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(string(b), ""))
}
