package simulate

import (
	"strings"
	"testing"
)

// wanted is what the corpus must have: attacks in their sizes, changes and
// faults that look like attacks, and a day of each profile without anything.
// Each line names its scenarios.
var wanted = []struct{ what, scenarios string }{
	{"rogue grandmaster, default", "rogue-grandmaster-default/1us rogue-grandmaster-default/100us rogue-grandmaster-default/10ms"},
	{"rogue grandmaster, G.8275", "rogue-grandmaster-g8275.1/1us rogue-grandmaster-g8275.1/100us rogue-grandmaster-g8275.1/10ms"},
	{"rogue grandmaster, gPTP", "rogue-grandmaster-gptp/1us rogue-grandmaster-gptp/100us rogue-grandmaster-gptp/10ms"},
	{"Announce spoofed with class 0 and 1", "announce-spoof/class-0 announce-spoof/class-1 announce-spoof-as-grandmaster/class-1 announce-spoof-as-grandmaster/class-1-same-address"},
	{"rogue boundary clock", "rogue-boundary/1us rogue-boundary/50us"},
	{"clone", "identity-clone/1us identity-clone/100us identity-clone/10ms"},
	{"Sync spoofed", "sync-spoof/after-1us sync-spoof/after-100us sync-spoof/follow-up-10us sync-spoof-ahead/1us sync-spoof-ahead/100us"},
	{"replay, and after the sequence's wrap", "replay/recent replay/after-wrap"},
	{"Delay_Resp spoofed, and interval 22", "delay-resp-spoof/1us delay-resp-spoof/50us delay-resp-spoof/50us-same-address delay-resp-spoof/50us-after delay-interval-poison/silence delay-interval-poison/flood"},
	{"correctionField tampered with", "correction-tamper/sync-100ns correction-tamper/sync-1us correction-tamper/sync-50us correction-tamper/sync-spread-2us correction-tamper/delay-resp-1us rogue-transparent/200ns rogue-transparent/spread-1us"},
	{"grandmaster's step, 100 ns to 37 s", "gm-step/+100ns gm-step/-100ns gm-step/+1us gm-step/-1us gm-step/+100us gm-step/-100us gm-step/+1s gm-step/-1s gm-step/+37s gm-step/-37s"},
	{"grandmaster's drift, 0.01 to 10 ns/s", "gm-drift/0.01ns-per-s gm-drift/0.1ns-per-s gm-drift/1ns-per-s gm-drift/10ns-per-s"},
	{"Sync delayed at once", "sync-delay/50ns sync-delay/125ns sync-delay/500ns sync-delay/5us"},
	{"Sync delayed in a ramp, of 50 ns to 5 us at 0.0001 to 1 sigma/s of 10 ns", "sync-delay-ramp/50ns-at-0.001ns-per-s sync-delay-ramp/50ns-at-0.01ns-per-s sync-delay-ramp/125ns-at-0.01ns-per-s sync-delay-ramp/125ns-at-0.1ns-per-s sync-delay-ramp/500ns-at-0.1ns-per-s sync-delay-ramp/500ns-at-1ns-per-s sync-delay-ramp/500ns-at-10ns-per-s sync-delay-ramp/5us-at-1ns-per-s sync-delay-ramp/5us-at-10ns-per-s"},
	{"Delay_Req delayed", "delay-req-delay/50ns delay-req-delay/125ns delay-req-delay/500ns delay-req-delay/5us"},
	{"compensated pair", "compensated-delay/500ns compensated-delay/5us compensated-delay-slow/500ns-at-1ns-per-s"},
	{"selective", "selective-delay/third-of-syncs-2us selective-delay/tenth-of-syncs-20us selective-delay-client/500ns selective-delay-client/10us"},
	{"downstream of the tap", "downstream-delay/500ns downstream-delay/5us"},
	{"Announces suppressed", "announce-suppression/all announce-suppression/most"},
	{"flood", "flood/delay-req-one flood-identities/delay-req-many flood-identities/announce-identities flood/sync-one"},
	{"unicast exhaustion", "unicast-exhaustion/many-requesters unicast-exhaustion/fast-and-long unicast-cancel-spoof"},
	{"management SET", "management-set/priority1 management-set/time management-set/disable-port management-set/initialize"},
	{"leap and UTC", "time-properties-lie/utc-offset-36 time-properties-lie/utc-offset-0 time-properties-lie/leap61 time-properties-lie/leap59 time-properties-lie/both-leaps time-properties-lie/timescale"},
	{"authentication downgrade", "authentication-downgrade version-downgrade"},
	{"fuzz", "fuzz/slow fuzz/fast"},
	{"a rule's limit: within, beyond a tenth, beyond half, beyond", "compliance-within compliance-uk-rts25/warning compliance-uk-rts25/critical compliance-uk-rts25/exceeded compliance-g8271/warning compliance-g8271/critical"},

	{"beyond: topology, signalling, two-step, peer delay, domains, GNSS", "steps-removed-lie path-trace-loop control-tlv/interface-rate control-tlv/message-interval control-tlv-gptp announce-interval-inflation/log-31 two-step-flag/cleared two-step-flag/set pdelay-responder/0ns unexpected-domain/domain-5 gnss-spoof/1ns-per-s illegal-quality/class-9 management-sweep rogue-standby sync-removal/sync boundary-delay/1us gm-lost gm-free-run"},

	{"planned switchover", "planned-switchover"},
	{"new grandmaster of lower priority", "new-standby"},
	{"reboot", "gm-reboot gm-flapping"},
	{"class 6, 7, 6", "gm-holdover"},
	{"boundary clock replaced", "boundary-replacement"},
	{"congestion with Announces lost", "congestion"},
	{"link flap and reroute", "link-flap reroute/longer reroute/shorter reroute/longer-uneven"},
	{"capture drops", "capture-drops/1-percent capture-drops/30-percent"},
	{"tap's clock steps", "tap-step/1us tap-step/1ms tap-step/1s"},
	{"leap second", "leap-second"},
	{"version upgrade", "version-upgrade"},
	{"VLAN renumbered", "vlan-renumber"},
	{"two legal grandmasters of class 6", "two-grandmasters"},
	{"UTC flag flaps", "utc-flag-flap"},
	{"A and B networks, and VLANs, with one domain number", "ab-networks vlan-networks"},
	{"standby first heard at failover", "standby-failover"},
	{"negative correctionField, routers and taps one behind the other, new clients", "asymmetry-configured routed-taps new-client"},

	{"a day of each profile", "healthy-default/day healthy-g8275.1/day healthy-g8275.2/day healthy-g8265.1/day healthy-gptp/day healthy-enterprise/day healthy-st2059-2/day healthy-power/day healthy-sptp/day"},
	{"other transports and clocks in between", "healthy-default-ipv6 healthy-default-ethernet healthy-peer-delay healthy-transparent/day healthy-boundary/day"},
}

func TestCorpusIsComplete(t *testing.T) {
	have := map[string]bool{}
	for _, s := range List() {
		if have[s.Name] {
			t.Errorf("two scenarios are called %s", s.Name)
		}
		have[s.Name] = true
	}
	for _, w := range wanted {
		for name := range strings.FieldsSeq(w.scenarios) {
			if !have[name] {
				t.Errorf("%s: there is no scenario %s", w.what, name)
			}
		}
	}
}

// A scenario is called as its file is.
func TestScenariosAreNamedAfterTheirFiles(t *testing.T) {
	entries, err := shipped.ReadDir("scenarios")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, err := Load(strings.TrimSuffix(e.Name(), ".yaml")); err != nil {
			t.Error(err)
		}
	}
}
