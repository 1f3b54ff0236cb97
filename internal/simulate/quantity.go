package simulate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// A value is what one text of a scenario stands for. Quantities have units,
// always.
type value interface{ set(text string) error }

// duration is "500ns" or "1h30m", negative ones too.
type duration event.Time

var timeUnits = []struct {
	name string
	unit event.Time
}{ // longer names first
	{"ps", 1}, {"ns", event.Nanosecond}, {"us", event.Microsecond}, {"µs", event.Microsecond}, {"ms", event.Millisecond},
	{"s", event.Second}, {"m", 60 * event.Second}, {"h", 3600 * event.Second},
}

var errDuration = errors.New("a duration is a number with a unit, ps, ns, us, ms, s, m or h: 500ns, 1h30m")

func (d *duration) set(text string) error {
	rest, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	if rest == "" {
		return errDuration
	}
	var total float64
	for rest != "" {
		n, unit, tail, err := number(rest)
		if err != nil {
			return errDuration
		}
		i := 0
		for i < len(timeUnits) && timeUnits[i].name != unit {
			i++
		}
		if i == len(timeUnits) {
			return errDuration
		}
		total += n * float64(timeUnits[i].unit)
		rest = strings.TrimSpace(tail)
	}
	if negative {
		total = -total
	}
	const most = 100 * 86400 * float64(event.Second)
	if math.Abs(total) > most {
		return errors.New("a duration is at most 100 days")
	}
	*d = duration(math.Round(total))
	return nil
}

// length is a duration that is not below 0s, period one above.
type (
	length event.Time
	period event.Time
)

func (l *length) set(text string) error {
	var d duration
	if err := d.set(text); err != nil {
		return err
	} else if d < 0 {
		return errors.New("at least 0s is expected")
	}
	*l = length(d)
	return nil
}

func (p *period) set(text string) error {
	var d duration
	if err := d.set(text); err != nil {
		return err
	} else if d <= 0 {
		return errors.New("more than 0s is expected")
	}
	*p = period(d)
	return nil
}

// number splits "12.5ms 3s" into 12.5, "ms" and " 3s".
func number(text string) (n float64, unit, rest string, err error) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		end = len(text)
	}
	if n, err = strconv.ParseFloat(text[:end], 64); err != nil {
		return 0, "", "", err
	}
	text = strings.TrimLeft(text[end:], " ")
	end = strings.IndexFunc(text, func(r rune) bool { return r >= '0' && r <= '9' || r == ' ' })
	if end < 0 {
		end = len(text)
	}
	return n, text[:end], text[end:], nil
}

// span is a duration, or "1s..2s": any between the two, as the seed wills.
type span struct{ from, to event.Time }

func (s *span) set(text string) error {
	from, to, ranged := strings.Cut(text, "..")
	var a, b length
	if err := a.set(from); err != nil {
		return err
	}
	b = a
	if ranged {
		if err := b.set(to); err != nil {
			return err
		}
	}
	if b < a {
		return fmt.Errorf("the range ends before it begins")
	}
	s.from, s.to = event.Time(a), event.Time(b)
	return nil
}

// share is "5 %" or "5 percent", kept as 0.05.
type share float64

func (s *share) set(text string) error {
	n, err := quantity(text, map[string]float64{"%": 0.01, "percent": 0.01}, "a share is a number with %: 5 %, or 5 percent")
	if err == nil && (n < 0 || n > 1) {
		err = errors.New("a share is from 0 % to 100 %")
	}
	*s = share(n)
	return err
}

// fraction is a frequency against another, "10 ppm" or "1 ns/s".
type fraction float64

func (f *fraction) set(text string) error {
	n, err := quantity(text, map[string]float64{
		"ppm": 1e-6, "ppb": 1e-9, "ppt": 1e-12, "ps/s": 1e-12, "ns/s": 1e-9, "us/s": 1e-6, "ms/s": 1e-3,
	}, "a frequency offset is a number with ppm, ppb, ps/s, ns/s, us/s or ms/s: 0.1 ns/s")
	*f = fraction(n)
	return err
}

// rate is how often, "100/s".
type rate float64

func (r *rate) set(text string) error {
	n, err := quantity(text, map[string]float64{"/s": 1, "/min": 1.0 / 60, "/h": 1.0 / 3600}, "a rate is a number with /s, /min or /h: 100/s")
	if err == nil && (n <= 0 || n > 1e6) {
		err = errors.New("a rate is above 0/s and at most 1000000/s")
	}
	*r = rate(n)
	return err
}

func quantity(text string, units map[string]float64, accepted string) (float64, error) {
	rest, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	n, unit, tail, err := number(rest)
	factor, ok := units[unit]
	if err != nil || !ok || tail != "" {
		return 0, errors.New(accepted)
	}
	if negative {
		n = -n
	}
	return n * factor, nil
}

// logInterval is a duration that is a power of two of seconds.
type logInterval ptp.LogInterval

func (l *logInterval) set(text string) error {
	var d duration
	if err := d.set(text); err != nil {
		return err
	}
	log := math.Log2(event.Time(d).Seconds())
	if d <= 0 || log != math.Trunc(log) || log < -10 || log > 10 {
		return errors.New("an interval is a power of two of seconds: 62.5ms, 125ms, 1s, 2s")
	}
	*l = logInterval(log)
	return nil
}

// whole is a whole number of some bits, in decimal or hexadecimal.
func whole(text string, bits int) (uint64, error) {
	base, digits := 10, text
	if hex, ok := strings.CutPrefix(text, "0x"); ok {
		base, digits = 16, hex
	}
	n, err := strconv.ParseUint(digits, base, bits)
	if err != nil {
		return 0, fmt.Errorf("a whole number from 0 to %d, or 0x0 to %#x", uint64(1)<<bits-1, uint64(1)<<bits-1)
	}
	return n, nil
}

// count is how many clocks a group has.
type count uint16

const maxCount = 1000

func (c *count) set(text string) error {
	n, err := whole(text, 16)
	if err != nil || n == 0 || n > maxCount {
		return fmt.Errorf("a whole number from 1 to %d, clocks", maxCount)
	}
	*c = count(n)
	return nil
}

// Numbers that have fewer bits on the wire than in memory.
type (
	vlanID uint16 // 12 bits, the last of which is reserved
	sdoID  uint16 // 12 bits
	minor  uint8  // 4 bits
)

func (v *vlanID) set(text string) error {
	n, err := whole(text, 12)
	if err == nil && n == 0xFFF {
		err = errors.New("VLAN 4095 is reserved")
	}
	*v = vlanID(n)
	return err
}

func (s *sdoID) set(text string) error {
	n, err := whole(text, 12)
	*s = sdoID(n)
	return err
}

func (m *minor) set(text string) error {
	n, err := whole(text, 4)
	*m = minor(n)
	return err
}

// identity is a clock identity.
type identity ptp.ClockIdentity

func (i *identity) set(text string) error {
	id, err := ptp.ParseClockIdentity(text)
	*i = identity(id)
	return err
}

// transport is how messages are carried.
type transport packet.Transport

func (t *transport) set(text string) error {
	return choose(t, text, map[string]transport{
		"ieee802.3": transport(packet.IEEE8023), "udpv4": transport(packet.UDPv4), "udpv6": transport(packet.UDPv6)})
}

// messages is a type of message.
type message ptp.MessageType

func (m *message) set(text string) error {
	accepted := map[string]message{}
	for t := range ptp.MessageType(16) {
		if name := t.String(); !strings.Contains(name, "(") {
			accepted[name] = message(t)
		}
	}
	return choose(m, text, accepted)
}

func choose[T any](into *T, text string, accepted map[string]T) error {
	v, ok := accepted[text]
	if !ok {
		return fmt.Errorf("accepted: %s", strings.Join(sortedKeys(accepted), ", "))
	}
	*into = v
	return nil
}
