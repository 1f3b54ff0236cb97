package agent

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/capture"
)

func TestLinkLog(t *testing.T) {
	var (
		down     = capture.InterfaceState{Interface: "eth0", Link: capture.LinkDown}
		gone     = capture.InterfaceState{Interface: "eth0", Link: capture.LinkGone}
		faulty   = capture.InterfaceState{Interface: "eth0", Link: capture.LinkDown, Fault: "bind: no such device"}
		software = capture.InterfaceState{Interface: "eth0", Link: capture.LinkUp, Reason: "off", Advice: "switch it on"}
		hardware = capture.InterfaceState{Interface: "eth0", Link: capture.LinkUp, Hardware: true, Clock: "ptp0", Reason: "on"}
		unasked  = capture.InterfaceState{Interface: "eth0", Link: capture.LinkUp, Reason: "off", Warning: "hardware was asked for"}
	)
	const softwareStamps = ` hardware_timestamps=false clock=system reason=off`
	for _, c := range []struct {
		name          string
		before, after capture.InterfaceState
		want          []string
	}{
		{"first up", capture.InterfaceState{}, software, []string{`INFO msg=listening interface=eth0` + softwareStamps + ` advice="switch it on"`}},
		{"first down", capture.InterfaceState{}, down, []string{`WARN msg="interface cannot be heard" interface=eth0 link=down`}},
		{"back up", down, hardware, []string{`INFO msg=listening interface=eth0 hardware_timestamps=true clock=ptp0 reason=on`}},
		{"deleted", hardware, gone, []string{`WARN msg="interface cannot be heard" interface=eth0 link=gone`}},
		{"fault", down, faulty, []string{`ERROR msg="interface cannot be heard" interface=eth0 link=down error="bind: no such device"`}},
		{"still down", down, down, nil},
		{"another program stops stamping", hardware, software, []string{`WARN msg="time stamping changed" interface=eth0` + softwareStamps + ` advice="switch it on"`}},
		{"not as configured", capture.InterfaceState{}, unasked, []string{
			`INFO msg=listening interface=eth0` + softwareStamps,
			`WARN msg="time stamping is not as configured" interface=eth0 reason="hardware was asked for"`,
		}},
		{"still not", unasked, unasked, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			newLinkLog(slog.New(slog.NewTextHandler(&b, nil))).changed(c.before, c.after)
			var got []string
			for line := range strings.Lines(b.String()) {
				_, line, _ = strings.Cut(strings.TrimSpace(line), "level=")
				got = append(got, line)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestLinkLogOfAFlappingLink: it does not fill the disk.
func TestLinkLogOfAFlappingLink(t *testing.T) {
	var b bytes.Buffer
	l := newLinkLog(slog.New(slog.NewTextHandler(&b, nil)))
	up, down := capture.InterfaceState{Interface: "eth0", Link: capture.LinkUp}, capture.InterfaceState{Interface: "eth0", Link: capture.LinkDown}
	for range 10000 {
		l.changed(up, down)
		l.changed(down, up)
	}
	if n := strings.Count(b.String(), "\n"); n < 2 || n > 2*2*toldPerMinute {
		t.Errorf("%d lines", n)
	}
}

// TestLinkLogOfSettings: what we change of a NIC is told, and that it is back.
func TestLinkLogOfSettings(t *testing.T) {
	var b bytes.Buffer
	l := newLinkLog(slog.New(slog.NewTextHandler(&b, nil)))
	on := capture.HardwareConfig{TxType: 1, RxFilter: capture.FilterPTPv2}
	off := capture.HardwareConfig{TxType: 1}
	l.set(capture.Setting{Interface: "eth0", Before: off, After: on})
	l.set(capture.Setting{Interface: "eth0", Before: on, After: off, Restored: true})
	for _, want := range []string{
		`level=INFO msg="time stamping of the NIC switched on" interface=eth0 rx_filter=ptpv2-event rx_filter_before=none tx_type=on`,
		`level=INFO msg="time stamping of the NIC put back as it was found" interface=eth0 rx_filter=none rx_filter_before=ptpv2-event tx_type=on`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no line with %s in\n%s", want, b.String())
		}
	}
}
