package profile

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var update = flag.Bool("update", false, "write the reference anew")

const referenceFile = "../../../docs/reference/profiles.md"

const referenceHead = `# Profiles

Made of the table in ` + "`internal/analysis/profile`" + ` by ` + "`go test ./internal/analysis/profile -update`" + `; change that table instead.

What ptpwatch holds the clocks of a domain against. Which profile a domain has is said by ` + "`domains[].profile`" + ` in the
[configuration](configuration.md), or, with ` + "`auto`" + `, recognised from its traffic. Most of these standards are sold, so
each profile says where its numbers were read; where that is "from memory", look at the standard before you rely on it.

## How a profile is recognised

The first of these signs that was seen since the domain was first heard decides. Only what is there is a sign, never what is
missing, so that a profile once recognised gives way only to a surer sign, further up:

`

// reference is the table as people read it.
func reference() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	for i, s := range signs {
		p, _ := Lookup(s.profile)
		fmt.Fprintf(&b, "%d. %s: `%s`, %s\n", i+1, s.is, p.Name, p.Title)
	}
	fmt.Fprintf(&b, "%d. anything else: `%s`\n", len(signs)+1, Default().Name)
	b.WriteString("\n## Side by side\n\nIntervals are from the shortest to the longest, and in parentheses the usual one.\n\n")
	writeTable(&b, "profile", "best master", "domains", "over", "Announce", "Sync", "Delay_Req", "Pdelay_Req")
	for i := range table {
		p := &table[i]
		writeRow(&b, link(p), p.Algorithm.String(), fmt.Sprintf("%s (%d)", p.Domains, p.Domain), transports(p),
			interval(p.Announce), interval(p.Sync), interval(p.DelayReq), interval(p.PdelayReq))
	}
	b.WriteString(referenceRules)
	for i := range table {
		writeProfile(&b, &table[i])
	}
	return b.String()
}

const referenceRules = `
## Rules for what a grandmaster claims

An Announce that breaks one of these is what [PTPIllegalClockQuality](../alerts/PTPIllegalClockQuality.md) is about.

- Reserved: a clockClass without a meaning in IEEE 1588-2019 table 4 (0 to 5, 8 to 12, 15 to 51, 53 to 57, 59 to 67, 123 to
  132, 171 to 186, 188 to 192, 194 to 215, 233 to 247, 249 to 254); a clockAccuracy below 0x17, from 0x32 to 0x7f, or 0xff
  (table 5); a timeSource other than 0x10, 0x20, 0x30, 0x39, 0x40, 0x50, 0x60, 0x90, 0xa0 and 0xf0 to 0xfe (table 6).
- Forbidden: clockClass 255, which is for clocks that never lead; a clockClass or a priority that the profile does not have.
- Implausible: a grandmaster that says it is some steps removed from itself; clockClass 6 with timeSource
  INTERNAL_OSCILLATOR; timeTraceable with clockClass 248.

No rule: an offsetScaledLogVariance (boundary clocks relay 0xffff with class 6), time flags that are all zero, an identity
that is not made of the MAC address.
`

func writeProfile(b *strings.Builder, p *Profile) {
	fmt.Fprintf(b, "\n## %s\n\n`%s`. %s\n\n", p.Title, p.Name, p.Notes)
	writeTable(b, "what", "value")
	writeRow(b, "best master", p.Algorithm.String())
	writeRow(b, "Announces until a newcomer counts", fmt.Sprint(p.Qualify))
	writeRow(b, "announceReceiptTimeout", fmt.Sprintf("%d intervals", p.ReceiptTimeout))
	writeRow(b, "several grandmasters at a time", yes(p.SeveralGrandmasters, "normal", "not expected"))
	writeRow(b, "domainNumber, sdoId", fmt.Sprintf("%s, by default %d; %s", p.Domains, p.Domain, p.SdoID))
	writeRow(b, "over, addressed", transports(p)+"; "+addressing(p.Addressing))
	writeRow(b, "VLAN tags", yes(p.Tagged, "allowed", "none"))
	writeRow(b, "delay", mechanisms(p.Mechanisms))
	writeRow(b, "priority1, priority2", fmt.Sprintf("%s; %s", p.Priority1, p.Priority2))
	writeRow(b, "a clock that never had a reference (248)", yes(p.FreeRunUsual, "usual", "not usual"))
	writeRow(b, "traceability to a primary reference", yes(p.Traceable, "demanded", "not demanded"))
	writeRow(b, "PTP timescale", yes(p.PTPTimescale, "expected", "not demanded"))
	writeRow(b, "read in", p.Source)
	if i := slices.IndexFunc(table, func(q Profile) bool { return &q.Classes[0] == &p.Classes[0] }); &table[i] != p {
		fmt.Fprintf(b, "\nThe clockClasses are those of %s.\n", link(&table[i]))
		return
	}
	b.WriteString("\n")
	writeTable(b, "clockClass", "grade", "meaning")
	for _, c := range p.Classes {
		writeRow(b, Range{c.From, c.To}.String(), c.Grade.String(), c.Meaning)
	}
}

func writeTable(b *strings.Builder, columns ...string) {
	writeRow(b, columns...)
	fmt.Fprintf(b, "|%s\n", strings.Repeat("---|", len(columns)))
}

func writeRow(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// link points to the section of a profile, as GitHub names it.
func link(p *Profile) string {
	anchor := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z':
			return r
		}
		return -1
	}, strings.ToLower(p.Title))
	return fmt.Sprintf("[%s](#%s)", p.Title, anchor)
}

func yes(is bool, then, otherwise string) string {
	if is {
		return then
	}
	return otherwise
}

func transports(p *Profile) string {
	names := map[packet.Transport]string{packet.IEEE8023: "Ethernet", packet.UDPv4: "IPv4", packet.UDPv6: "IPv6"}
	var parts []string
	for _, t := range p.Transports {
		parts = append(parts, names[t])
	}
	return strings.Join(parts, ", ")
}

func addressing(a Addressing) string {
	var parts []string
	if a&Multicast != 0 {
		parts = append(parts, "multicast")
	}
	if a&Unicast != 0 {
		parts = append(parts, "unicast")
	}
	if a&Hybrid != 0 {
		parts = append(parts, "mixed (delay messages unicast)")
	}
	return strings.Join(parts, ", ")
}

func mechanisms(m Mechanisms) string {
	switch m {
	case EndToEnd:
		return "end-to-end"
	case PeerToPeer:
		return "peer-to-peer"
	}
	return "end-to-end, peer-to-peer"
}

// interval prints "1/128 s to 16 s (1 s)".
func interval(i Interval) string {
	switch {
	case !i.Allowed:
		return "none"
	case i.Min == i.Max:
		return seconds(i.Min)
	case i.Min < -16 || i.Max > 16:
		return "any (" + seconds(i.Default) + ")"
	}
	return fmt.Sprintf("%s to %s (%s)", seconds(i.Min), seconds(i.Max), seconds(i.Default))
}

func seconds(l ptp.LogInterval) string {
	if l < 0 {
		return fmt.Sprintf("1/%d s", 1<<-l)
	}
	return fmt.Sprintf("%d s", 1<<l)
}

func TestReferenceIsUpToDate(t *testing.T) {
	want := reference()
	if *update {
		if err := os.WriteFile(referenceFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not what the table says, write it anew with -update (-want +got):\n%s", referenceFile, diff)
	}
}

// The reserved classes are written out by hand in the reference.
func TestReferenceNamesTheReservedClasses(t *testing.T) {
	var parts []string
	for class := 0; class < 256; class++ {
		from := class
		for class < 256 && classOf(standardClasses, uint8(class)).Grade == Illegal {
			class++
		}
		if class > from {
			parts = append(parts, Range{uint8(from), uint8(class - 1)}.String())
		}
	}
	oneLine := strings.Join(strings.Fields(referenceRules), " ")
	if list := strings.Join(parts, ", "); !strings.Contains(oneLine, "("+list+")") {
		t.Errorf("the reference does not say that %s are reserved", list)
	}
}
