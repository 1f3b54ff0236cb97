package export

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// The values of a decoded message: bool, and these. A plain string is a
// sender's text.
type (
	word        string // a name, an identity: text that needs no quotes
	decimal     string // a number
	nanoseconds string // a number of nanoseconds; "" is too big to be represented
	object      []member
	list        []any
)

type member struct {
	name  string
	value any
}

// add adds a member, its value converted. A name that is there already gets a
// list of its values.
func (o *object) add(name string, v any) { o.set(name, wireValue(v)) }

func (o *object) set(name string, v any) {
	if old := o.find(name); old != nil {
		if values, ok := (*old).(list); ok {
			*old = append(values, v)
		} else {
			*old = list{*old, v}
		}
		return
	}
	*o = append(*o, member{name, v})
}

func (o *object) find(name string) *any {
	for i := range *o {
		if (*o)[i].name == name {
			return &(*o)[i].value
		}
	}
	return nil
}

// put adds a member by its path in package ptp: "record[0].sequenceId" goes to
// sequence_id of the first object in record. Elements come in order.
func (o *object) put(path string, v any) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		o.add(snakeCase(head), v)
		return
	}
	name, index, inList := strings.Cut(snakeCase(head), "[")
	if !inList {
		putInto(o.at(name, object(nil)), rest, v)
		return
	}
	at := o.at(name, list(nil))
	elements := (*at).(list)
	if i, _ := strconv.Atoi(strings.TrimSuffix(index, "]")); i >= len(elements) {
		elements = append(elements, object(nil))
	}
	putInto(&elements[len(elements)-1], rest, v)
	*at = elements
}

// at is where the member called name has its value, which is empty if there
// was none.
func (o *object) at(name string, empty any) *any {
	if o.find(name) == nil {
		o.set(name, empty)
	}
	return o.find(name)
}

// putInto puts a member into the object at p.
func putInto(p *any, path string, v any) {
	inner := (*p).(object)
	inner.put(path, v)
	*p = inner
}

// snakeCase turns grandmasterClockQuality into grandmaster_clock_quality, and
// currentUTCOffset into current_utc_offset.
func snakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) {
			afterWord := i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]))
			lastOfAcronym := i > 0 && i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1])
			if afterWord || lastOfAcronym {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// wireValue is v, a value of package ptp or packet, as it is written.
func wireValue(v any) any {
	switch v := v.(type) {
	case bool:
		return v
	case ptp.Text:
		return string(v)
	case string:
		return word(v)
	case ptp.Timestamp:
		return word(ptp.TimestampString(v))
	case ptp.Correction:
		return intervalValue(ptp.TimeInterval(v))
	case ptp.TimeInterval:
		return intervalValue(v)
	case ptp.ScaledNs:
		return nanoseconds(strings.TrimSuffix(v.String(), "ns"))
	case ptp.ClockQuality:
		var q object
		q.add("clock_class", uint8(v.ClockClass))
		q.add("clock_accuracy", ptp.ClockAccuracyName(v.ClockAccuracy))
		q.add("offset_scaled_log_variance", v.OffsetScaledLogVariance)
		return q
	case ptp.Flags:
		return flagNames(v)
	case []ptp.ClockIdentity:
		return values(v)
	case []uint16:
		return values(v)
	case []uint64:
		return values(v)
	case ptp.Malformation:
		return word(v)
	case fmt.Stringer:
		return word(v.String())
	case float64:
		return float(v)
	}
	return decimal(fmt.Sprint(v)) // the integers
}

func values[T any](from []T) list {
	to := make(list, 0, len(from))
	for _, v := range from {
		to = append(to, wireValue(v))
	}
	return to
}

// float is a number, or a word for what JSON has no number for.
func float(v float64) any {
	text := strconv.FormatFloat(v, 'g', -1, 64)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return word(text)
	}
	return decimal(text)
}

func intervalValue(t ptp.TimeInterval) nanoseconds {
	if t == ptp.MaxTimeInterval {
		return ""
	}
	return nanoseconds(strings.TrimSuffix(t.String(), "ns"))
}

// flagTable are the flags of a flagField, first octet first (IEEE 1588-2019
// table 37).
var flagTable = []struct {
	flag ptp.Flags
	name word
}{
	{ptp.FlagAlternateMaster, "alternate_master"},
	{ptp.FlagTwoStep, "two_step"},
	{ptp.FlagUnicast, "unicast"},
	{ptp.FlagProfileSpecific1, "ptp_profile_specific_1"},
	{ptp.FlagProfileSpecific2, "ptp_profile_specific_2"},
	{ptp.FlagLeap61, "leap61"},
	{ptp.FlagLeap59, "leap59"},
	{ptp.FlagCurrentUTCOffsetValid, "current_utc_offset_valid"},
	{ptp.FlagPTPTimescale, "ptp_timescale"},
	{ptp.FlagTimeTraceable, "time_traceable"},
	{ptp.FlagFrequencyTraceable, "frequency_traceable"},
	{ptp.FlagSynchronizationUncertain, "synchronization_uncertain"},
}

// flagNames names the flags that are set, those without a name together as
// "Flags(0x8000)".
func flagNames(f ptp.Flags) list {
	names := list{}
	for _, w := range flagTable {
		if f.Has(w.flag) {
			names = append(names, w.name)
			f &^= w.flag
		}
	}
	if f != 0 {
		names = append(names, word(fmt.Sprintf("Flags(%#04x)", uint16(f))))
	}
	return names
}
