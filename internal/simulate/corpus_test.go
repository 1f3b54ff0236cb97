package simulate

import (
	"bytes"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
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
	{"compensated pair", "compensated-delay/500ns compensated-delay/5us"},
	{"selective", "selective-delay/third-of-syncs-2us selective-delay/tenth-of-syncs-20us selective-delay-client/500ns selective-delay-client/10us"},
	{"downstream of the tap", "downstream-delay/500ns downstream-delay/5us"},
	{"Announces suppressed", "announce-suppression/all announce-suppression/most"},
	{"flood", "flood/delay-req-one flood/delay-req-many flood/announce-identities flood/sync-one"},
	{"unicast exhaustion", "unicast-exhaustion/many-requesters unicast-exhaustion/fast-and-long unicast-cancel-spoof"},
	{"management SET", "management-set/priority1 management-set/time management-set/disable-port management-set/initialize"},
	{"leap and UTC", "time-properties-lie/utc-offset-36 time-properties-lie/utc-offset-0 time-properties-lie/leap61 time-properties-lie/leap59 time-properties-lie/both-leaps time-properties-lie/timescale"},
	{"authentication downgrade", "authentication-downgrade version-downgrade"},
	{"fuzz", "fuzz/slow fuzz/fast"},

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
	{"other transports and clocks in between", "healthy-default-ipv6 healthy-default-ethernet healthy-transparent/day healthy-boundary/day"},
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

// firsts is the first variant of each file that does not take too long.
func firsts() (all []*Scenario) {
	last := ""
	for _, s := range List() {
		base, _, _ := strings.Cut(s.Name, "/")
		if base != last && s.Duration <= 20*time.Minute {
			all = append(all, s)
		}
		last = base
	}
	return all
}

// silent are episodes that take frames away, or have none that count as theirs.
var silent = []string{"announce-suppression", "sync-removal", "gm-lost", "gm-reboot", "gm-flapping", "link-flap", "congestion", "capture-drops", "tap-step", "reroute", "standby-failover"}

// unseen are episodes whose doings no tap can see.
var unseen = []string{"downstream-delay", "boundary-delay", "delay-req-delay"}

// What the file says will happen does happen, and the capture does not tell by
// names.
func TestEpisodesHappen(t *testing.T) {
	interfaces := regexp.MustCompile(`^(eth|trunk)[0-9]$`)
	for _, s := range firsts() {
		t.Run(s.Name, func(t *testing.T) {
			var file bytes.Buffer
			tr, err := s.Run(t.Context(), 2, &file)
			if err != nil {
				t.Fatal(err)
			}
			if tr.Frames < 100 {
				t.Errorf("%d frames", tr.Frames)
			}
			for _, e := range tr.Episodes {
				happened(t, s, tr, &e)
			}
			words := []string{s.Name}
			for _, c := range tr.Clocks {
				words = append(words, c.Name)
			}
			for _, e := range tr.Episodes {
				words = append(words, e.Name)
			}
			for _, w := range words {
				if len(w) > 3 && bytes.Contains(file.Bytes(), []byte(w)) {
					t.Errorf("the capture has the word %q", w)
				}
			}
			for _, i := range tr.Interfaces {
				if !interfaces.MatchString(i.Name) {
					t.Errorf("an interface is called %q", i.Name)
				}
			}
		})
	}
}

func happened(t *testing.T, s *Scenario, tr *truth.Truth, e *truth.Episode) {
	t.Helper()
	end := tr.Start.Add(tr.Duration)
	switch {
	case e.Start.Before(tr.Start) || !e.End.After(e.Start) || e.End.After(end):
		t.Errorf("%s lasts from %v to %v", e.Name, e.Start, e.End)
	case e.First.Before(e.Start) || e.First.After(e.End):
		t.Errorf("%s begins at %v and first does something at %v", e.Name, e.Start, e.First)
	}
	sees := e.FirstFrame > 0
	if quiet := slices.Contains(silent, e.Type) || slices.Contains(unseen, e.Type) || strings.HasPrefix(s.Name, "selective-delay-client"); sees == quiet {
		t.Errorf("%s: the first frame is %d", e.Name, e.FirstFrame)
	}
	if e.Kind == truth.Attack && len(e.MaxError) < 2 {
		t.Errorf("%s: errors of %d clocks", e.Name, len(e.MaxError))
	}
}

// tshark decodes all of it and has nothing to say. What is broken on purpose
// it does complain of.
func TestTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark here: make deps installs it")
	}
	for _, name := range []string{
		"healthy-default", "healthy-default-ipv6", "healthy-default-ethernet", "healthy-g8275.1", "healthy-g8275.2", "healthy-g8265.1",
		"healthy-gptp", "healthy-enterprise", "healthy-st2059-2", "healthy-power", "healthy-sptp", "healthy-transparent", "vlan-networks",
		"management-set/time", "management-sweep", "control-tlv/interface-rate", "control-tlv/message-interval",
		"authentication-downgrade", "unicast-cancel-spoof", "delay-resp-spoof", "fuzz/fast",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			complaints := expert(t, s)
			if spoiled := strings.HasPrefix(name, "fuzz"); (len(complaints) > 0) != spoiled {
				t.Errorf("%q", complaints)
			}
		})
	}
}

// expert is what tshark complains of in the last frames of a scenario's
// capture.
func expert(t *testing.T, s *Scenario) []string {
	t.Helper()
	const frames = "6000"
	cmd := exec.CommandContext(t.Context(), "tshark", "-r", "-", "-c", frames, "-Y", "_ws.expert || _ws.malformed",
		"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := s.Run(t.Context(), 1, &file); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(in, &file) // tshark closes its end when it has had enough
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("tshark: %v: %s", err, complaints.String())
	}
	return strings.FieldsFunc(out.String(), func(r rune) bool { return r == '\n' })
}
