package profile_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// scope is what a profile is recognised for.
type scope struct {
	domain uint8
	sdoID  ptp.SdoID
}

// observed holds what a capture shows of each scope.
type observed struct {
	evidence   map[scope]profile.Evidence
	recognised map[scope][]string // every profile, in the order of recognition
	why        map[scope]string
	breaches   map[profile.Breach]int
}

func observe(t *testing.T, files *capture.Files, most int) observed {
	t.Helper()
	seen := observed{
		evidence: make(map[scope]profile.Evidence), recognised: make(map[scope][]string),
		why: make(map[scope]string), breaches: make(map[profile.Breach]int),
	}
	var o packet.Observation
	for range most {
		if err := files.Next(&o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if o.Malformed == "" && o.V1 == nil {
			seen.note(&o)
		}
	}
	return seen
}

func (seen *observed) note(o *packet.Observation) {
	s := scope{o.Message.DomainNumber, o.Message.SdoID}
	e := seen.evidence[s]
	if e.Note(o) {
		seen.evidence[s] = e
		p, why := profile.Recognise(e)
		seen.why[s] = why
		if names := seen.recognised[s]; len(names) == 0 || names[len(names)-1] != p.Name {
			seen.recognised[s] = append(names, p.Name)
		}
	}
	if m := &o.Message; m.Type == ptp.AnnounceMessage {
		p, _ := profile.Recognise(seen.evidence[s])
		if b, broken := p.Check(m.SourcePortIdentity, m.Announce, m.Flags); broken {
			seen.breaches[b]++
		}
	}
}

// compare holds what was seen against the profile wanted of each scope, and
// why: recognised at once, or after the default.
func (seen *observed) compare(t *testing.T, want map[scope]string) {
	t.Helper()
	got := make(map[scope]string)
	for s, names := range seen.recognised {
		got[s] = names[len(names)-1] + ": " + seen.why[s]
		if len(names) > 2 || len(names) == 2 && names[0] != "default" {
			t.Errorf("domain %d was recognised as %q one after the other", s.domain, names)
		}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(scope{})); diff != "" {
		t.Errorf("recognised (-want +got):\n%s", diff)
	}
	if len(seen.breaches) > 0 {
		t.Errorf("breaches of healthy clocks: %v", seen.breaches)
	}
}

// only is one scope, of a profile.
func only(s scope, want string) map[scope]string { return map[scope]string{s: want} }

// Every profile that the simulator plays is recognised, and its clocks break
// no rule.
func TestRecogniseHealthyScenarios(t *testing.T) {
	tests := []struct {
		scenario string
		want     map[scope]string
	}{
		{"healthy-default/short", only(scope{}, "default: domain 0, UDP over IPv4, no sign of another profile")},
		{"healthy-default-ethernet", only(scope{}, "default: domain 0, Ethernet, no sign of another profile")},
		{"healthy-default-ipv6", only(scope{}, "default: domain 0, UDP over IPv6, no sign of another profile")},
		{"healthy-transparent/short", only(scope{}, "default: domain 0, UDP over IPv4, no sign of another profile")},
		{"healthy-sptp/short", only(scope{}, "default: domain 0, UDP over IPv6, no sign of another profile")},
		{"healthy-g8275.1/short", only(scope{domain: 24}, "g8275.1: domain 24, Ethernet, Announce 8/s")},
		{"healthy-boundary/short", only(scope{domain: 24}, "g8275.1: domain 24, Ethernet, Announce 8/s")},
		{"healthy-g8275.2/short", only(scope{domain: 44}, "g8275.2: domain 44, UDP over IPv4, unicast")},
		{"healthy-g8265.1/short", only(scope{domain: 4}, "g8265.1: domain 4, UDP over IPv4, unicast, a quality level as clockClass")},
		{"healthy-gptp/short", only(scope{sdoID: 0x100}, "gptp: sdoId 0x100")},
		{"healthy-enterprise/short", only(scope{}, "enterprise: domain 0, UDP over IPv4, Announce 1/s to all, Delay_Req to one")},
		{"healthy-st2059-2/short", only(scope{domain: 127}, "st2059-2: a SMPTE TLV")},
		{"healthy-power/short", only(scope{domain: 254}, "power: an IEEE C37.238 TLV")},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			s, err := simulate.Load(tt.scenario)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			r, w := io.Pipe()
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, err := s.Run(ctx, 1, w)
				_ = w.CloseWithError(err)
			}()
			files, err := capture.OpenFiles([]string{"-"}, r, capture.Options{Window: 1})
			if err != nil {
				t.Fatal(err)
			}
			seen := observe(t, files, 600)
			cancel()
			_ = r.Close()
			files.Close()
			<-done
			seen.compare(t, tt.want)
		})
	}
}

func TestRecogniseRecordings(t *testing.T) {
	const folder = "../../../testdata/captures/"
	tests := []struct {
		file string
		want map[scope]string
	}{
		{"boundary.pcapng", only(scope{}, "default: domain 0, UDP over IPv4, no sign of another profile")},
		{"domains.pcapng", map[scope]string{
			{domain: 0}: "default: domain 0, UDP over IPv4, no sign of another profile",
			{domain: 1}: "default: domain 1, UDP over IPv4, no sign of another profile",
		}},
		{"g8275.1.pcapng", only(scope{domain: 24}, "g8275.1: domain 24, Ethernet, Announce 8/s")},
		{"gptp.pcapng", only(scope{sdoID: 0x100}, "gptp: sdoId 0x100")},
		{"l2-p2p.pcap", only(scope{}, "default: domain 0, Ethernet, no sign of another profile")},
		{"management.pcapng", only(scope{}, "default: domain 0, UDP over IPv4, no sign of another profile")},
		{"netsync.pcapng", only(scope{}, "enterprise: domain 0, UDP over IPv4, Announce 1/s to all, Delay_Req to one")},
		{"slave-events.pcapng", only(scope{}, "default: domain 0, UDP over IPv4, no sign of another profile")},
		{"transparent.pcapng", only(scope{}, "default: domain 0, UDP over IPv4, no sign of another profile")},
		{"udp6.pcapng", only(scope{}, "default: domain 0, UDP over IPv6, no sign of another profile")},
		{"unicast.pcapng", only(scope{domain: 44}, "g8275.2: domain 44, UDP over IPv4, unicast")},
		{"vlans.pcap", only(scope{}, "default: domain 0, UDP over IPv4, no sign of another profile")},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			files, err := capture.OpenFiles([]string{folder + tt.file}, nil, capture.Options{Window: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer files.Close()
			seen := observe(t, files, 1<<20)
			seen.compare(t, tt.want)
		})
	}
}
