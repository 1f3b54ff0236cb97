package conformance

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// A comparison says whether what decode printed is what tshark shows. Where
// decode has no such field, ours is nil.
type comparison func(ours any, show string) bool

// integer reads a number of tshark's, in whatever base, and its booleans.
func integer(show string) (*big.Int, bool) {
	switch show {
	case "True":
		show = "1"
	case "False":
		show = "0"
	}
	return new(big.Int).SetString(show, 0)
}

// same compares numbers.
func same(ours any, show string) bool {
	n, ok := ours.(json.Number)
	v, ok2 := integer(show)
	return ok && ok2 && n.String() == v.String()
}

func sameText(ours any, show string) bool { return ours == show }

func textLength(ours any, show string) bool {
	s, ok := ours.(string)
	return ok && strconv.Itoa(len(s)) == show
}

// enum compares a name with its number.
func enum[T ~uint8 | ~uint16](ours any, show string) bool {
	v, ok := integer(show)
	return ok && ours == fmt.Sprint(T(v.Uint64()))
}

func accuracy(ours any, show string) bool {
	v, ok := integer(show)
	return ok && ours == ptp.ClockAccuracyName(ptp.ClockAccuracy(v.Uint64()))
}

// clock compares the clock of a clock or port identity.
func clock(ours any, show string) bool {
	s, _ := ours.(string)
	s, _, _ = strings.Cut(s, "-")
	v, ok := integer(show)
	return ok && s == ptp.ClockIdentity(v.Uint64()).String()
}

func port(ours any, show string) bool {
	s, _ := ours.(string)
	_, number, found := strings.Cut(s, "-")
	return found && number == show
}

func seconds(ours any, show string) bool {
	s, _ := ours.(string)
	whole, _, found := strings.Cut(s, ".")
	return found && whole == show
}

// nanoseconds are those of a timestamp.
func nanoseconds(ours any, show string) bool {
	n, ok := nanosecondsOf(ours)
	return ok && strconv.FormatUint(uint64(n), 10) == show
}

func nanosecondsOf(ours any) (uint32, bool) {
	s, _ := ours.(string)
	_, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(fraction, 10, 32)
	return uint32(n), err == nil
}

// signedNanoseconds is what becomes of a nanosecondsField of 2^31 and more
// when it is taken for a signed one.
func signedNanoseconds(_ map[string]any, ours any, show string) bool {
	n, ok := nanosecondsOf(ours)
	return ok && int32(n) < 0 && show == strconv.Itoa(int(int32(n)))
}

// interval is an interval of ours in 2^-16 ns; null is the one too big.
func interval(ours any) (*big.Int, bool) {
	if ours == nil {
		return big.NewInt(1<<63 - 1), true
	}
	n, ok := ours.(json.Number)
	if !ok {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return nil, false
	}
	r.Mul(r, big.NewRat(1<<16, 1))
	return r.Num(), r.IsInt()
}

// whole compares the nanoseconds of an interval, rounded down.
func whole(ours any, show string) bool {
	i, ok := interval(ours)
	v, ok2 := integer(show)
	return ok && ok2 && i.Rsh(i, 16).Cmp(v) == 0
}

// unsignedWhole is what becomes of the nanoseconds of a negative interval when
// they are taken for an unsigned number.
func unsignedWhole(_ map[string]any, ours any, show string) bool {
	i, ok := interval(ours)
	return ok && i.Sign() < 0 && show == strconv.FormatUint(uint64(i.Rsh(i, 16).Int64()), 10)
}

// parts compares what an interval is above its whole nanoseconds.
func parts(ours any, show string) bool {
	i, ok := interval(ours)
	f, err := strconv.ParseFloat(show, 64)
	return ok && err == nil && fmt.Sprintf("%.12f", f) == fmt.Sprintf("%.12f", float64(i.Int64()&0xFFFF)/(1<<16))
}

// scaledNs compares an interval of 96 bits with its octets.
func scaledNs(ours any, show string) bool {
	i, ok := interval(ours)
	b, err := octetsOf(show)
	if !ok || err != nil || len(b) != 12 {
		return false
	}
	v := new(big.Int).SetBytes(b)
	if b[0]&0x80 != 0 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), 96))
	}
	return i.Cmp(v) == 0
}

func octetsOf(show string) ([]byte, error) {
	return hex.DecodeString(strings.ReplaceAll(show, ":", ""))
}

// octets compares octets in hexadecimal.
func octets(ours any, show string) bool { return ours == strings.ReplaceAll(show, ":", "") }

func octetLength(ours any, show string) bool {
	s, ok := ours.(string)
	return ok && strconv.Itoa(len(s)/2) == show
}

// number compares a number with its octets, or with a number.
func number(ours any, show string) bool {
	b, err := octetsOf(show)
	n, ok := ours.(json.Number)
	return err == nil && ok && strings.Contains(show, ":") && new(big.Int).SetBytes(b).String() == n.String() || same(ours, show)
}

// signed48 is what becomes of a number of 48 bits when it is taken for a
// signed one.
func signed48(_ map[string]any, ours any, show string) bool {
	n, _ := ours.(json.Number)
	i, err := n.Int64()
	return err == nil && i >= 1<<47 && show == strconv.FormatInt(i-1<<48, 10)
}

// oneBit is the lowest bit of a number in place of all of it.
func oneBit(_ map[string]any, ours any, show string) bool { return low(1)(ours, show) }

// organization compares an organizationId in hexadecimal with a number.
func organization(ours any, show string) bool {
	v, ok := integer(show)
	return ok && ours == fmt.Sprintf("%06x", v)
}

// reserved octets are shown by decode only when they are not zero.
func reserved(ours any, show string) bool {
	b, err := octetsOf(strings.TrimPrefix(show, "0x"))
	if ours == nil {
		return err == nil && !slices.ContainsFunc(b, func(o byte) bool { return o != 0 })
	}
	return err == nil && len(b) == 1 && same(ours, strconv.Itoa(int(b[0])))
}

// timestampOctets compares a timestamp with its ten octets.
func timestampOctets(ours any, show string) bool {
	b, err := octetsOf(show)
	s, _ := ours.(string)
	whole, _, _ := strings.Cut(s, ".")
	n, ok := nanosecondsOf(ours)
	v, err2 := strconv.ParseUint(whole, 10, 48)
	return err == nil && err2 == nil && ok && fmt.Sprintf("%x", b) == fmt.Sprintf("%012x%08x", v, n)
}

// flag compares one of a list of flags by its name.
func flag(name string) comparison {
	return func(ours any, show string) bool {
		flags, ok := ours.([]any)
		v, ok2 := integer(show)
		return ok && ok2 && slices.Contains(flags, any(name)) == (v.Sign() != 0)
	}
}

// bits compares the bits of a number that mask has: whether any is set.
func bits(mask int64) comparison {
	return func(ours any, show string) bool {
		n, ok := ours.(json.Number)
		i, err := n.Int64()
		v, ok2 := integer(show)
		return ok && err == nil && ok2 && (i&mask != 0) == (v.Sign() != 0)
	}
}

// low compares the lowest bits of a number.
func low(mask int64) comparison {
	return func(ours any, show string) bool {
		n, _ := ours.(json.Number)
		i, err := n.Int64()
		return err == nil && strconv.FormatInt(i&mask, 10) == show
	}
}

// wrapped is what becomes of a number when it is taken for another type.
func wrapped[From, To ~int16 | ~uint16 | ~int32 | ~uint32](_ map[string]any, ours any, show string) bool {
	n, _ := ours.(json.Number)
	i, err := n.Int64()
	return err == nil && int64(From(i)) == i && fmt.Sprint(To(From(i))) == show && int64(To(From(i))) != i
}

func address(ours any, show string) bool {
	s, _ := ours.(string)
	a, err := netip.ParseAddrPort(s)
	b, err2 := netip.ParseAddr(show)
	return err == nil && err2 == nil && a.Addr() == b
}

func addressPort(ours any, show string) bool {
	s, _ := ours.(string)
	a, err := netip.ParseAddrPort(s)
	return err == nil && strconv.Itoa(int(a.Port())) == show
}

// repeated is the first clock of a path in place of every other.
func repeated(tlv map[string]any, ours any, show string) bool {
	return clock(find(tlv, "path_sequence[]", 0), show) && ours != find(tlv, "path_sequence[]", 0)
}

// swapped is either of two fields of ALTERNATE_MASTER for the other.
func swapped(tlv map[string]any, ours any, show string) bool {
	v, ok := integer(show)
	for _, name := range []string{"number_of_alternate_masters", "log_alternate_multicast_sync_interval"} {
		n, _ := tlv[name].(json.Number)
		i, err := n.Int64()
		if ok && tlv[name] != ours && err == nil && uint8(i) == uint8(v.Int64()) {
			return true
		}
	}
	return false
}

// notGPTP says that the TLV is none of those of gPTP that it is taken for.
func notGPTP(tlv map[string]any, _ any, _ string) bool {
	typ, id, sub := tlv["tlv_type"], tlv["organization_id"], tlv["organization_sub_type"]
	request := typ == "ORGANIZATION_EXTENSION" && id == "0080c2" && sub == json.Number("2")
	capable := typ == "ORGANIZATION_EXTENSION_DO_NOT_PROPAGATE" && id == "0080c2" && (sub == json.Number("4") || sub == json.Number("5"))
	return !request && !capable
}
