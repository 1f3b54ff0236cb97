package export

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func clockTime(t Time) string { return t.UTC().Format(timeLayout) }

// orEmpty is what p points to, "" when to nothing.
func orEmpty(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// mark is word when it holds and "" when not.
func mark(holds bool, word string) string {
	if holds {
		return word
	}
	return ""
}

func plural(n uint64, thing string) string {
	return fmt.Sprintf("%d %s%s", n, thing, mark(n != 1, "s"))
}

func sumOf(counts map[string]uint64) (sum uint64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// countWords prints what is not 0, the most first: "announce 12, sync 8".
func countWords(byName map[string]uint64) string {
	names := slices.SortedFunc(maps.Keys(byName), func(a, b string) int {
		return cmp.Or(cmp.Compare(byName[b], byName[a]), cmp.Compare(a, b))
	})
	var words []string
	for _, name := range names {
		if byName[name] > 0 {
			words = append(words, fmt.Sprintf("%s %d", name, byName[name]))
		}
	}
	return strings.Join(words, ", ")
}

func malformedWords(byReason map[string]uint64) string {
	n := sumOf(byReason)
	if n == 0 {
		return "none malformed"
	}
	return fmt.Sprintf("%d malformed (%s)", n, countWords(byReason))
}

// utcOffset prints currentUtcOffset, in brackets while it is not valid.
func utcOffset(d *DatasetReport) string {
	if d.CurrentUTCOffsetValid {
		return strconv.Itoa(int(d.CurrentUTCOffset))
	}
	return fmt.Sprintf("(%d)", d.CurrentUTCOffset)
}

// flagWords prints the flags that are set, in short.
func flagWords(d *DatasetReport) string {
	var words []string
	for _, f := range []struct {
		set  bool
		word string
	}{
		{d.PTPTimescale, "ptp"}, {d.TimeTraceable, "time"}, {d.FrequencyTraceable, "freq"},
		{d.Leap59, "leap59"}, {d.Leap61, "leap61"}, {d.SynchronizationUncertain, "uncertain"},
	} {
		if f.set {
			words = append(words, f.word)
		}
	}
	return cmp.Or(strings.Join(words, ","), "-")
}

// listWord is the list's verdict on a grandmaster, "-" where there is no list.
func listWord(acceptable *bool) string {
	switch {
	case acceptable == nil:
		return "-"
	case *acceptable:
		return "yes"
	}
	return "NO"
}

func vlanWords(ids []uint16) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.Itoa(int(id))
	}
	return cmp.Or(strings.Join(words, "."), "-")
}

func stepWord(p *PortReport) string {
	switch {
	case p.TwoStep == nil:
		return "-"
	case *p.TwoStep:
		return "two"
	}
	return "one"
}

// delayMechanism is how a port measures its path, as far as it was seen to
// (IEEE 1588-2019 8.2.15.4.4).
func delayMechanism(p *PortReport) string {
	switch {
	case p.P2P:
		return "p2p"
	case p.Messages[ptp.DelayReq.String()] > 0, p.Messages[ptp.DelayResp.String()] > 0:
		return "e2e"
	}
	return "-"
}
