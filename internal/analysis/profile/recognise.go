package profile

import (
	"fmt"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// The major sdoId of gPTP and of the common services that it uses
// (IEEE 802.1AS-2020 8.1, IEEE 1588-2019 16.6.3).
const (
	gptpSdoID   ptp.SdoID = 0x100
	commonSdoID ptp.SdoID = 0x200
)

// sign is what gives a profile away: that some things were seen, never that
// others were not, so that it stays when more is seen.
type sign struct {
	profile string
	is      string // the sign, for the reference
	shows   func(*Evidence) bool
	why     func(*Evidence) string
}

// signs are in order, the surest first. Those of profiles with a best-master
// algorithm of their own come before those that anybody's TLV can show.
var signs = []sign{
	{
		profile: "gptp",
		is:      "sdoId 0x100, or 0x200 for the common mean link delay service",
		shows:   func(e *Evidence) bool { return e.sdoID == gptpSdoID || e.sdoID == commonSdoID },
		why:     func(e *Evidence) string { return "sdoId " + e.sdoID.String() },
	},
	{
		profile: "g8275.1",
		is:      "domain 24 to 43, Announces to all over Ethernet, 8/s",
		shows: func(e *Evidence) bool {
			return e.inDomains("g8275.1") && e.has(onEthernet|multicastAnnounce) && e.every(announce, -3)
		},
		why: func(e *Evidence) string { return e.where() + ", Announce 8/s" },
	},
	{
		profile: "g8275.2",
		is:      "domain 44 to 63, UDP, unicast Announces or a request for unicast",
		shows: func(e *Evidence) bool {
			return e.inDomains("g8275.2") && e.any(onUDP) && (e.has(unicastAnnounce) || e.has(negotiation))
		},
		why: func(e *Evidence) string { return e.where() + ", unicast" },
	},
	{
		profile: "g8265.1",
		is:      "domain 4 to 23, UDP, unicast Announces, an even clockClass from 80 to 110",
		shows: func(e *Evidence) bool {
			return e.inDomains("g8265.1") && e.any(onUDP) && e.has(unicastAnnounce|qualityLevel)
		},
		why: func(e *Evidence) string { return e.where() + ", unicast, a quality level as clockClass" },
	},
	{
		profile: "power",
		is:      "a TLV of IEEE C37.238",
		shows:   func(e *Evidence) bool { return e.has(powerTLV) },
		why:     func(*Evidence) string { return "an IEEE C37.238 TLV" },
	},
	{
		profile: "st2059-2",
		is:      "a TLV of SMPTE",
		shows:   func(e *Evidence) bool { return e.has(smpteTLV) },
		why:     func(*Evidence) string { return "a SMPTE TLV" },
	},
	{
		profile: "power",
		is:      "domain 93 or 254, Ethernet, peer delay, Announce, Sync and Pdelay_Req 1/s",
		shows: func(e *Evidence) bool {
			return (e.domain == 93 || e.domain == 254) && e.has(onEthernet|peerDelay) &&
				e.every(announce, 0) && e.every(sync, 0) && e.every(pdelayReq, 0)
		},
		why: func(e *Evidence) string { return e.where() + ", peer delay, every message 1/s" },
	},
	{
		profile: "st2059-2",
		is:      "domain 127, UDP, Announce 4/s, Sync 8/s",
		shows: func(e *Evidence) bool {
			return e.domain == 127 && e.any(onUDP) && e.every(announce, -2) && e.every(sync, -3)
		},
		why: func(e *Evidence) string { return e.where() + ", Announce 4/s, Sync 8/s" },
	},
	{
		profile: "enterprise",
		is:      "domain 0 to 127, UDP, Announce 1/s and Sync to all, Delay_Req to one",
		shows: func(e *Evidence) bool {
			return e.domain <= 127 && e.any(onUDP) && e.has(multicastAnnounce|multicastSync|unicastDelayReq) && e.every(announce, 0)
		},
		why: func(e *Evidence) string { return e.where() + ", Announce 1/s to all, Delay_Req to one" },
	},
}

// Recognise says which profile the evidence fits best and why, in plain
// words: "domain 24, Ethernet, Announce 8/s". What fits none is the default.
// It is for when Note says that the evidence changed, not for every message.
func Recognise(e Evidence) (p *Profile, why string) {
	for _, s := range signs {
		if s.shows(&e) {
			p, _ = Lookup(s.profile)
			return p, s.why(&e)
		}
	}
	if !e.has(heard) {
		return Default(), "nothing was heard"
	}
	return Default(), e.where() + ", no sign of another profile"
}

func (e *Evidence) inDomains(name string) bool {
	p, ok := Lookup(name)
	return ok && e.sdoID == p.SdoID && p.Domains.Contains(e.domain)
}

// where tells what every message has.
func (e *Evidence) where() string {
	parts := []string{fmt.Sprintf("domain %d", e.domain)}
	if e.sdoID != 0 {
		parts = append(parts, "sdoId "+e.sdoID.String())
	}
	for _, t := range []struct {
		mark marks
		name string
	}{{onEthernet, "Ethernet"}, {onUDPv4, "UDP over IPv4"}, {onUDPv6, "UDP over IPv6"}} {
		if e.has(t.mark) {
			parts = append(parts, t.name)
		}
	}
	return strings.Join(parts, ", ")
}
