package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/capture"
)

// nics is one of each kind.
func nics() []agent.NIC {
	const hardware = capture.TransmitHardware | capture.ReceiveHardware | capture.SystemClock | capture.RawHardware
	able := capture.NIC{
		Name: "eth0", Driver: "igb", Clock: "ptp0", Modes: hardware,
		TxTypes: []capture.TxType{0, 1}, RxFilters: []capture.RxFilter{capture.FilterNone, capture.FilterAll},
		Link: capture.LinkUp,
	}
	running := able
	running.Name, running.Clock, running.Config = "eth1", "ptp1", capture.HardwareConfig{TxType: 1, RxFilter: capture.FilterPTPv2}
	unreadable := able
	unreadable.Name, unreadable.Clock, unreadable.ConfigError = "eth2", "", "SIOCGHWTSTAMP of eth2: operation not supported"
	unreadable.Link = capture.LinkDown
	plain := capture.NIC{
		Name: "veth0", Driver: "veth", Link: capture.LinkDown, Disabled: true,
		ConfigError: "SIOCGHWTSTAMP of veth0: operation not supported",
	}
	decided := func(n capture.NIC, o capture.StampOptions) agent.NIC {
		return agent.NIC{NIC: n, Choice: capture.Decide(n, o)}
	}
	list := []agent.NIC{
		decided(able, capture.StampOptions{}),
		decided(able, capture.StampOptions{HWTstamp: capture.HWTstampEnable}),
		decided(running, capture.StampOptions{}),
		decided(unreadable, capture.StampOptions{}),
		decided(plain, capture.StampOptions{Timestamping: capture.TimestampingHardware}),
		{NIC: capture.NIC{Name: "eth9"}, Configured: true, Absent: true},
	}
	list[0].PHC = &capture.PHCOffset{Offset: 37*time.Second + 123*time.Nanosecond, Delay: 2 * time.Microsecond}
	list[1].PHC = &capture.PHCOffset{Offset: -5 * time.Microsecond}
	list[1].Configured = true
	list[2].PHCError = errors.New("open /dev/ptp1: permission denied")
	list[4].Configured = true
	return list
}

func TestWriteNICs(t *testing.T) {
	for file, write := range map[string]func(*bytes.Buffer, []agent.NIC) error{
		"testdata/interfaces.txt":  func(b *bytes.Buffer, n []agent.NIC) error { return writeNICs(b, n) },
		"testdata/interfaces.json": func(b *bytes.Buffer, n []agent.NIC) error { return writeNICsJSON(b, n) },
	} {
		var b bytes.Buffer
		if err := write(&b, nics()); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s: -want +got\n%s", file, diff)
		}
	}
}

func TestWriteNoNICs(t *testing.T) {
	var text, list bytes.Buffer
	if err := errors.Join(writeNICs(&text, nil), writeNICsJSON(&list, nil)); err != nil {
		t.Fatal(err)
	}
	if text.String() != "There is no interface to listen to.\n" || list.String() != "[]\n" || !json.Valid(list.Bytes()) {
		t.Errorf("%q, %q", text.String(), list.String())
	}
}
