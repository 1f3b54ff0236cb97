package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// parsers are the types that one text holds, beside strings, booleans and
// integers, and how each is read.
var parsers = map[reflect.Type]func(string) (any, error){
	reflect.TypeFor[time.Duration]():     parseDuration,
	reflect.TypeFor[slog.Level]():        parseLevel,
	reflect.TypeFor[ptp.ClockIdentity](): parseIdentity,
	reflect.TypeFor[ptp.SdoID]():         parseSdoID,
	reflect.TypeFor[packet.MAC]():        parseMAC,
	reflect.TypeFor[netip.Addr]():        parseIP,
}

func isScalar(t reflect.Type) bool {
	_, ok := parsers[t]
	return ok || slices.Contains([]reflect.Kind{
		reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint8, reflect.Uint16,
	}, t.Kind())
}

// check says what is wrong with text as the value of k.
func (k *key) check(text string) error {
	if k.oneof != nil && !slices.Contains(k.oneof, text) {
		return fmt.Errorf("%q: accepted: %s", text, strings.Join(k.oneof, ", "))
	}
	v, err := parse(text, k.typ)
	if n, ok := v.(int64); ok && (err != nil || n < k.lo || n > k.hi) {
		return fmt.Errorf("%q: accepted: %d to %d, in decimal", text, k.lo, k.hi)
	}
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	return nil
}

// parse turns text into a value for a t, which is the type of a scalar. An
// integer is an int64, whatever t is.
func parse(text string, t reflect.Type) (any, error) {
	if f, ok := parsers[t]; ok {
		return f(text)
	}
	switch t.Kind() {
	case reflect.String:
		return text, nil
	case reflect.Bool:
		if text != "true" && text != "false" {
			return nil, errors.New("accepted: true, false")
		}
		return text == "true", nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		// 010 is eight to YAML and 0x10 sixteen: neither may be what was meant.
		return n, errors.New("not a decimal whole number")
	}
	return n, nil
}

// format is the text of a scalar, as parse reads it.
func format(v any) string {
	switch v := v.(type) {
	case slog.Level:
		return strings.ToLower(v.String())
	case time.Duration:
		text := v.String() // 10m0s
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		if strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
		return text
	}
	return fmt.Sprint(v)
}

func parseDuration(text string) (any, error) {
	d, err := time.ParseDuration(text)
	if err != nil || strings.Trim(text, "+-0123456789.") == "" {
		return nil, errors.New("a duration is a number with a unit: 500ms, 10s, 5m or 1h30m")
	}
	if d <= 0 {
		return nil, errors.New("a duration must be longer than 0s")
	}
	return d, nil
}

func parseLevel(text string) (any, error) {
	var l slog.Level
	err := l.UnmarshalText([]byte(text))
	return l, err
}

func parseIdentity(text string) (any, error) {
	id, err := ptp.ParseClockIdentity(text)
	if err != nil {
		return nil, errors.New("a clock identity is 16 hexadecimal digits: 001d7f.fffe.80024a, " +
			"001d7ffffe80024a, 0x001d7ffffe80024a or 00:1d:7f:ff:fe:80:02:4a")
	}
	if id == 0 || id == ^ptp.ClockIdentity(0) {
		return nil, errors.New("all zeros stand for no clock, all ones for every clock")
	}
	return id, nil
}

func parseSdoID(text string) (any, error) {
	digits, ok := strings.CutPrefix(text, "0x")
	n, err := strconv.ParseUint(digits, 16, 16)
	if !ok || err != nil || n > 0xfff {
		return nil, errors.New("an sdoId is hexadecimal: 0x000 to 0xfff (IEEE 802.1AS is 0x100)")
	}
	return ptp.SdoID(n), nil
}

func parseMAC(text string) (any, error) {
	hw, err := net.ParseMAC(text)
	if err != nil || len(hw) != len(packet.MAC{}) {
		return nil, errors.New("a MAC address is six octets: 00:1d:7f:80:02:4a")
	}
	return packet.MAC(hw), nil
}

func parseIP(text string) (any, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return nil, errors.New("an IP address is expected: 192.0.2.1 or 2001:db8::1")
	}
	return ip, nil
}
