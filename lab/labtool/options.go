//go:build linux

package main

import (
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// identities reads clock identities with commas between; none is none.
func identities(text string) (all []ptp.ClockIdentity, err error) {
	for word := range strings.SplitSeq(text, ",") {
		if word == "" {
			continue
		}
		id, err := ptp.ParseClockIdentity(word)
		if err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, nil
}

type small interface{ ~uint8 | ~int8 | ~int16 }

// octet declares an option for a small number.
func octet[T small](f *flag.FlagSet, v *T, name, help string) {
	f.Func(name, fmt.Sprintf("%s (default %d)", help, *v), func(text string) (err error) {
		*v, err = number[T](text)
		return err
	})
}

// optional declares one that may be left out.
func optional[T small](f *flag.FlagSet, v **T, name, help string) {
	f.Func(name, help, func(text string) error {
		n, err := number[T](text)
		*v = &n
		return err
	})
}

func number[T small](text string) (T, error) {
	n, err := strconv.ParseInt(text, 0, 32)
	if err != nil || int64(T(n)) != n {
		return 0, fmt.Errorf("not a number that fits the field")
	}
	return T(n), nil
}

func transport(f *flag.FlagSet, t *packet.Transport) {
	f.Func("transport", "UDPv4, UDPv6 or IEEE8023 (default UDPv4)", func(text string) error {
		for _, known := range []packet.Transport{packet.UDPv4, packet.UDPv6, packet.IEEE8023} {
			if strings.EqualFold(text, known.String()) {
				*t = known
				return nil
			}
		}
		return fmt.Errorf("UDPv4, UDPv6 and IEEE8023 are accepted")
	})
}
