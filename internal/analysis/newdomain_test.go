package analysis

import (
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func TestUnexpectedDomain(t *testing.T) {
	type talk struct {
		at      time.Duration
		network string
		domain  uint8
		sdo     ptp.SdoID
		say     ptp.Message
	}
	home := talk{0, "eth0", 0, 0, soundFrom(gmA)}
	configured := Config{Domains: []DomainConfig{{DomainNumber: 24}}}
	apart := Config{Domains: []DomainConfig{{Network: "eth1", DomainNumber: 24}}}
	signaling := ptp.Message{Type: ptp.Signaling, SourcePortIdentity: gmB}
	tests := []struct {
		name  string
		cfg   Config
		talks []talk
		want  string
	}{
		{"one domain", Config{}, []talk{home}, ""},
		{"one port in two domains", Config{}, []talk{home, {0, "eth0", 1, 0, soundFrom(gmA)}}, ""},
		{"another domain, later", Config{}, []talk{home, {20 * time.Second, "eth0", 5, 0, soundFrom(gmB)}}, "warning new_domain certain b0-1"},
		{"another sdoId, later", Config{}, []talk{home, {20 * time.Second, "eth0", 0, 0x100, soundFrom(gmB)}}, "warning new_domain certain b0-1"},
		{"a client in the wrong domain", Config{}, []talk{home, {20 * time.Second, "eth0", 5, 0, delayReq(client, 1)}}, "warning new_domain certain c0-1"},
		{"somebody who only manages there", Config{}, []talk{home, {20 * time.Second, "eth0", 5, 0, signaling}}, ""},
		{"another domain while the first is learned", Config{}, []talk{home, {4 * time.Second, "eth0", 5, 0, soundFrom(gmB)}}, ""},
		{"another domain of another network", Config{}, []talk{home, {20 * time.Second, "eth1", 5, 0, soundFrom(gmB)}}, ""},
		{"peer delay that serves all domains", Config{}, []talk{home, {20 * time.Second, "eth0", 0, 0x200, ptp.Message{Type: ptp.PdelayReq, SourcePortIdentity: gmB}}}, ""},
		{"a grandmaster where there is only peer delay", Config{}, []talk{home, {20 * time.Second, "eth0", 0, 0x200, soundFrom(gmB)}}, "warning new_domain certain b0-1"},
		{"a domain that the configuration names", configured, []talk{{20 * time.Second, "eth0", 24, 0, soundFrom(gmA)}}, ""},
		{"one that it does not", configured, []talk{home}, "warning not_configured certain a0-1"},
		{"one that it names for another network", apart, []talk{{0, "eth1", 24, 0, soundFrom(gmA)}, home}, ""},
		{"one that was learned before", Config{Baselines: []Baseline{{Scope: Scope{Network: "eth0", DomainNumber: 5}, Pinned: epoch.AddDate(0, -1, 0)}}},
			[]talk{home, {20 * time.Second, "eth0", 5, 0, soundFrom(gmB)}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.cfg)
			for range 30 {
				for _, s := range tt.talks {
					if b.at.Sub(epoch) < s.at {
						continue
					}
					b.network, b.domain = s.network, s.domain
					o := b.observation(s.say)
					o.Message.SdoID = s.sdo
					b.Handle(o, b.emit)
				}
				b.sleep(time.Second)
			}
			if got := strings.Join(b.told(AlertUnexpectedDomain), "; "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
			if tt.want == "" {
				return
			}
			last := tt.talks[len(tt.talks)-1]
			a := b.alertNamed(AlertUnexpectedDomain)
			if a.Count != 1 || a.Scope != (Scope{last.network, last.domain, last.sdo}) || !strings.Contains(a.Observed, last.say.SourcePortIdentity.String()) {
				t.Errorf("%+v", a)
			}
			b.sleep(11 * time.Minute)
			b.wantTold(AlertUnexpectedDomain, tt.want+" ended")
		})
	}
}

// An operator ends it, by accepting the domain or by naming it. What is in it
// is not learned before.
func TestUnexpectedDomainIsAccepted(t *testing.T) {
	s := Scope{Network: "eth0", DomainNumber: 5}
	bench := func(t *testing.T) *bench {
		b := newBench(t, Config{})
		b.seconds(20, soundFrom(gmA))
		b.domain = 5
		b.seconds(20, soundFrom(gmB))
		b.wantTold(AlertUnexpectedDomain, "warning new_domain certain b0-1")
		if n := len(b.Baselines()); n != 1 {
			t.Errorf("%d baselines, want that of domain 0 alone", n)
		}
		return b
	}
	t.Run("accepted", func(t *testing.T) {
		b := bench(t)
		if err := b.AcceptBaseline(s, b.at, b.emit); err != nil {
			t.Fatal(err)
		}
		b.wantTold(AlertUnexpectedDomain, "warning new_domain certain b0-1 ended")
	})
	t.Run("named", func(t *testing.T) {
		b := bench(t)
		b.Reconfigure(Config{Domains: []DomainConfig{{}, {DomainNumber: 5}}}, b.at, b.emit)
		b.wantTold(AlertUnexpectedDomain, "warning new_domain certain b0-1 ended")
		b.seconds(20, soundFrom(gmB))
		if n := len(b.Baselines()); n != 2 {
			t.Errorf("%d baselines, want that of domain 5 too", n)
		}
	})
}

// Somebody who makes domains up is told of eight times, and nothing that he says
// in the others. When one is accepted, there is room for another.
func TestFloodOfDomains(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(20, soundFrom(gmA))
	play := func() {
		for domain := range uint8(100) {
			b.domain = 100 + domain
			b.send(withClass(announceFrom(gmB, 1), 9))
		}
		b.domain = 0
		b.send(soundFrom(gmA))
		b.sleep(time.Second)
	}
	for range 10 {
		play()
	}
	alerts := func() (domains, others int) {
		for _, a := range b.View().Alerts {
			switch {
			case a.Name == AlertUnexpectedDomain && a.Resolved.IsZero():
				domains++
			case a.Name != AlertUnexpectedDomain:
				others++
			}
		}
		return domains, others
	}
	if domains, others := alerts(); domains != crowd || others != crowd {
		t.Errorf("%d alerts about domains and %d in them, want %d each", domains, others, crowd)
	}
	last := ""
	for _, a := range b.View().Alerts {
		if a.Name == AlertUnexpectedDomain {
			last = a.Observed
		}
	}
	if !strings.Contains(last, "of more nothing is told") {
		t.Errorf("the last one does not say that it is: %s", last)
	}
	b.Tracker = resumed(t, b.State())
	play()
	if domains, _ := alerts(); domains != crowd {
		t.Errorf("%d alerts about domains after a restart, want %d", domains, crowd)
	}
	if err := b.AcceptBaseline(Scope{Network: "eth0", DomainNumber: 100}, b.at, b.emit); err != nil {
		t.Fatal(err)
	}
	play()
	if domains, _ := alerts(); domains != crowd {
		t.Errorf("%d alerts about domains once one was accepted, want %d", domains, crowd)
	}

	stayed := Scope{Network: "eth0", DomainNumber: 199}
	for range 15 * 60 {
		b.domain = 199
		b.send(soundFrom(gmB))
		b.domain = 0
		b.send(soundFrom(gmA))
		b.sleep(time.Second)
	}
	if !b.alerts.holds(alertKey{name: AlertUnexpectedDomain, scope: stayed, grandmaster: 0, port: gmB}) {
		t.Error("the one that stayed is not told of once the others are gone")
	}
}
