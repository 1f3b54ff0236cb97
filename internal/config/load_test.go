package config

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"github.com/ptpwatch/ptpwatch/internal/analysis/compliance"
	"github.com/ptpwatch/ptpwatch/internal/leap"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

var update = flag.Bool("update", false, "write what the tests compare with")

// alerts are what the agent would hand over.
var alerts = []Alert{
	{Name: "PTPAnnounceTimeout", Severity: "critical", Thresholds: []Threshold{{"after", 2 * time.Second}}},
	{Name: "PTPGrandmasterChanged", Severity: "warning"},
	{Name: "PTPGrandmasterFlapping", Severity: "warning", Thresholds: []Threshold{{"changes", 3}, {"window", 10 * time.Minute}}},
	{Name: "PTPGrandmasterLost", Severity: "critical", Thresholds: []Threshold{{"after", 10 * time.Second}}},
}

var options = Options{Alerts: alerts}

// same compares configurations, wherever their values came from.
var same = cmp.Options{cmpopts.IgnoreUnexported(Config{}), cmpopts.EquateComparable(netip.Addr{})}

func after(d time.Duration) map[string]any { return map[string]any{"after": d} }

func flapping(changes int, window time.Duration) map[string]any {
	return map[string]any{"changes": changes, "window": window}
}

func defaults() *Config {
	return &Config{
		Listen: ":9588",
		Log:    Log{Level: slog.LevelInfo, Format: "text"},
		Detectors: map[string]Detector{
			"PTPAnnounceTimeout":     {Enabled: true, Severity: "critical", Thresholds: after(2 * time.Second)},
			"PTPGrandmasterChanged":  {Enabled: true, Severity: "warning", Thresholds: map[string]any{}},
			"PTPGrandmasterFlapping": {Enabled: true, Severity: "warning", Thresholds: flapping(3, 10*time.Minute)},
			"PTPGrandmasterLost":     {Enabled: true, Severity: "critical", Thresholds: after(10 * time.Second)},
		},
		Limits:  Limits{Clocks: 16384, Ports: 16384, Domains: 256, Pending: 262144, TimingPorts: 1024},
		Journal: Journal{MaxAge: 8760 * time.Hour, MaxBytes: 256 << 20},
		Evidence: Evidence{
			Enabled: true, Before: 20 * time.Second, After: 30 * time.Second, MaxBytes: 1 << 30, MaxAge: 8760 * time.Hour, Memory: 32 << 20,
		},
	}
}

func full() *Config {
	return &Config{
		Listen:        "[::1]:9999",
		WebConfigFile: "testdata/web.yaml",
		Log:           Log{Level: slog.LevelDebug, Format: "json"},
		Interfaces: []Interface{
			{Name: "eth0", Tap: "up", Promiscuous: true, Timestamping: "hardware", HWTstamp: "enable", Timescale: "tai", Capture: "message", Reference: "independent", ReferenceError: 100},
			{Name: "eth1", Tap: "up", Timestamping: "auto", HWTstamp: "observe", Timescale: "auto", Capture: "message", Reference: "none"},
		},
		Networks: []Network{{Name: "fabric-a", Interfaces: []string{"eth0", "eth1"}, VLANs: []uint16{0, 100}}},
		Domains: []Domain{
			{Network: "fabric-a", DomainNumber: 24, SdoID: 0x100, Profile: "g8275.1", Baseline: "listed", Compliance: "eu-2025-1155", ComplianceLimit: time.Millisecond, Grandmasters: []Grandmaster{
				{
					Identity: 0x001d7ffffe80024a, Name: "gm-north",
					MAC: packet.MAC{0x00, 0x1d, 0x7f, 0x80, 0x02, 0x4a}, IP: netip.MustParseAddr("192.0.2.1"),
				},
				{Identity: 0x001d7ffffe80024b, IP: netip.MustParseAddr("2001:db8::1")},
				{Identity: 0x001d7ffffe80024c},
				{Identity: 0x001d7ffffe80024d},
				{Identity: 0x1122334455667788}, // not the number 1,122,334,455,667,788
				{Identity: 0x0011223344556677}, // not an octal number
				{Identity: 0x00112233445566e7}, // not 112,233,445,566 times 10^7
			}},
			{DomainNumber: 0, Profile: "auto", Baseline: "pin", LearnFor: time.Hour, Compliance: "none", Detectors: map[string]Detector{
				"PTPGrandmasterLost":     {Enabled: true, Severity: "warning", Thresholds: after(90 * time.Second)},
				"PTPGrandmasterFlapping": {Enabled: true, Severity: "critical", Thresholds: flapping(5, time.Hour)},
			}},
			{DomainNumber: 1, Profile: "auto", Baseline: "off", Compliance: "none"},
		},
		Detectors: map[string]Detector{
			"PTPAnnounceTimeout":     {Enabled: true, Severity: "critical", Thresholds: after(500 * time.Millisecond)},
			"PTPGrandmasterChanged":  {Enabled: true, Severity: "warning", Thresholds: map[string]any{}},
			"PTPGrandmasterFlapping": {Enabled: true, Severity: "warning", Thresholds: flapping(5, 10*time.Minute)},
			"PTPGrandmasterLost":     {Enabled: false, Severity: "warning", Thresholds: after(90 * time.Second)},
		},
		Limits:   Limits{Domains: 1, Clocks: 2, Ports: 3, Pending: 4, TimingPorts: 5},
		Clients:  []Client{{Socket: "/var/run/ptp4lro", DomainNumber: 24, SdoID: 0x100, AnswerDir: "/run/ptpwatch"}},
		StateDir: "testdata/state", ControlSocket: "testdata/agent.sock",
		Journal: Journal{MaxAge: time.Hour, MaxBytes: 65536},
		Evidence: Evidence{
			Dir: "testdata/evidence", Before: time.Second, After: 2 * time.Second, MaxBytes: 4 << 20, MaxAge: 3 * time.Hour, Memory: 1 << 20,
		},
		LeapFile: "testdata/leap-seconds.list", LeapTable: leapTable,
	}
}

// leapTable is what testdata/leap-seconds.list holds.
var leapTable = func() *leap.Table {
	t, err := leap.Read("testdata/leap-seconds.list")
	if err != nil {
		panic(err)
	}
	return t
}()

func TestLoad(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       *Config
	}{
		{"no file", "", defaults()},
		{"every key", "testdata/full.yaml", full()},
		{"comments and keys without a value", "testdata/sparse.yaml", defaults()},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Load(c.file, options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, same, cmpopts.IgnoreFields(Config{}, "Warnings")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestOnlyInterfaces: -i goes before the file's list, and takes from it what it
// says of those it names.
func TestOnlyInterfaces(t *testing.T) {
	up := Interface{Name: "eth1", Tap: "up", Timestamping: "auto", HWTstamp: "observe", Timescale: "auto", Capture: "message", Reference: "none"}
	for _, c := range []struct {
		name string
		only []string
		want []Interface
	}{
		{"none", nil, full().Interfaces},
		{"listed", []string{"eth1"}, []Interface{up}},
		{"listed and not, one twice", []string{"eth9", "eth1", "eth9"}, []Interface{{Name: "eth9", Timestamping: "auto", HWTstamp: "observe", Timescale: "auto", Capture: "message", Reference: "none"}, up}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Load("testdata/full.yaml", Options{Alerts: alerts, Interfaces: c.only})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Interfaces); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestInvalid holds the whole text of what is refused: file, line, key, value
// and what is accepted, all mistakes of a file together.
func TestInvalid(t *testing.T) {
	files, _ := filepath.Glob("testdata/invalid-*.yaml")
	if len(files) < 15 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, err := Load(file, options)
			if err == nil {
				t.Fatal("accepted")
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", file, diff)
	}
}

func TestUnreadableFile(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"testdata/none.yaml", "configuration: open testdata/none.yaml: no such file or directory"},
		{"testdata", "configuration: read testdata: is a directory"},
		{"/dev/zero", "configuration: /dev/zero is larger than 4 MiB"},
	} {
		_, err := Load(c.file, options)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", c.file, err, c.want)
		}
	}
}

// TestPrecedence: a flag goes before the environment, that before the file,
// that before the default; and Write names the one that won.
func TestPrecedence(t *testing.T) {
	for _, c := range []struct {
		name            string
		file, env, flag string
		want            string
		origin          string
	}{
		{"default", "", "", "", "info", "default"},
		{"file", "warn", "", "", "warn", "c.yaml:2"},
		{"environment", "", "error", "", "error", "environment PTPWATCH_LOG_LEVEL"},
		{"environment over file", "warn", "error", "", "error", "environment PTPWATCH_LOG_LEVEL"},
		{"flag", "", "", "debug", "debug", "flag --log-level"},
		{"flag over file", "warn", "", "debug", "debug", "flag --log-level"},
		{"flag over all", "warn", "error", "debug", "debug", "flag --log-level"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			file := ""
			if c.file != "" {
				file = "c.yaml"
				if err := os.WriteFile(file, []byte("log:\n  level: "+c.file+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PTPWATCH_LOG_LEVEL", c.env) // empty counts as unset
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			flags.String("log-level", "unset flags do not count", "")
			if c.flag != "" {
				_ = flags.Set("log-level", c.flag)
			}
			o := Options{Alerts: alerts, Flags: map[string]*pflag.Flag{"log.level": flags.Lookup("log-level")}}
			got, err := Load(file, o)
			if err != nil {
				t.Fatal(err)
			}
			if level := format(got.Log.Level); level != c.want {
				t.Errorf("got %s, want %s", level, c.want)
			}
			var b bytes.Buffer
			if err := got.Write(&b); err != nil {
				t.Fatal(err)
			}
			if want := "  level: " + c.want + " # " + c.origin + "\n"; !strings.Contains(b.String(), want) {
				t.Errorf("Write: no %q in\n%s", want, b.String())
			}
		})
	}
}

// TestEnvironment sets every scalar key by its variable.
func TestEnvironment(t *testing.T) {
	for name, text := range map[string]string{
		"PTPWATCH_LISTEN":                                   "[::1]:9999",
		"PTPWATCH_WEB_CONFIG_FILE":                          "testdata/web.yaml",
		"PTPWATCH_LOG_LEVEL":                                "debug",
		"PTPWATCH_LOG_FORMAT":                               "json",
		"PTPWATCH_DETECTORS_PTPGRANDMASTERLOST_ENABLED":     "false",
		"PTPWATCH_DETECTORS_PTPGRANDMASTERLOST_SEVERITY":    "warning",
		"PTPWATCH_DETECTORS_PTPGRANDMASTERLOST_AFTER":       "1m30s",
		"PTPWATCH_DETECTORS_PTPANNOUNCETIMEOUT_AFTER":       "500ms",
		"PTPWATCH_DETECTORS_PTPGRANDMASTERFLAPPING_CHANGES": "5",
		"PTPWATCH_LIMITS_DOMAINS":                           "1",
		"PTPWATCH_LIMITS_CLOCKS":                            "2",
		"PTPWATCH_LIMITS_PORTS":                             "3",
		"PTPWATCH_LIMITS_PENDING":                           "4",
		"PTPWATCH_LIMITS_TIMING_PORTS":                      "5",
		"PTPWATCH_SERVICE_HOST":                             "10.0.0.1", // Kubernetes, for a service called ptpwatch
		"PTPWATCH_PORT":                                     "tcp://10.0.0.1:9588",
		"PTPWATCH_STATE_DIR":                                "testdata/state",
		"PTPWATCH_CONTROL_SOCKET":                           "testdata/agent.sock",
		"PTPWATCH_JOURNAL_MAX_AGE":                          "1h",
		"PTPWATCH_JOURNAL_MAX_BYTES":                        "65536",
		"PTPWATCH_EVIDENCE_ENABLED":                         "false",
		"PTPWATCH_EVIDENCE_DIR":                             "testdata/evidence",
		"PTPWATCH_EVIDENCE_BEFORE":                          "1s",
		"PTPWATCH_EVIDENCE_AFTER":                           "2s",
		"PTPWATCH_EVIDENCE_MAX_BYTES":                       "4194304",
		"PTPWATCH_EVIDENCE_MAX_AGE":                         "3h",
		"PTPWATCH_EVIDENCE_MEMORY":                          "1048576",
		"PTPWATCH_LEAP_FILE":                                "testdata/leap-seconds.list",
	} {
		t.Setenv(name, text)
	}
	got, err := Load("", options)
	if err != nil {
		t.Fatal(err)
	}
	want := full()
	want.Interfaces, want.Networks, want.Domains, want.Clients = nil, nil, nil, nil
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestStateDirectory: systemd's folder counts where nobody names another, and
// socket and evidence are in the folder unless it is told otherwise.
func TestStateDirectory(t *testing.T) {
	for _, c := range []struct {
		name, text, systemd    string
		dir, socket, dirOrigin string
	}{
		{"nobody says", "log: {}", "", "", "", "default"},
		{"systemd", "log: {}", "/var/lib/ptpwatch:/var/lib/other", "/var/lib/ptpwatch", "/var/lib/ptpwatch/ptpwatch.sock", "environment STATE_DIRECTORY"},
		{"nobody, in writing", "state_dir: \"\"", "/var/lib/ptpwatch", "/var/lib/ptpwatch", "/var/lib/ptpwatch/ptpwatch.sock", "environment STATE_DIRECTORY"},
		{"the file", "state_dir: keep", "/var/lib/ptpwatch", "etc/keep", "etc/keep/ptpwatch.sock", "etc/p.yaml:1"},
		{"a socket elsewhere", "state_dir: keep\ncontrol_socket: /run/p.sock", "", "etc/keep", "/run/p.sock", "etc/p.yaml:1"},
		{"evidence elsewhere", "state_dir: keep\nevidence: {dir: /e}", "", "etc/keep", "etc/keep/ptpwatch.sock", "etc/p.yaml:1"},
		{"a socket alone", "control_socket: /run/p.sock", "", "", "/run/p.sock", "default"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := load("etc/p.yaml", []byte(c.text), map[string]string{"STATE_DIRECTORY": c.systemd}, options)
			if err != nil {
				t.Fatal(err)
			}
			if got.StateDir != c.dir || got.ControlSocket != c.socket || got.origins["state_dir"].String() != c.dirOrigin {
				t.Errorf("state in %q from %v, socket %q; want %q from %s, %q", got.StateDir, got.origins["state_dir"], got.ControlSocket, c.dir, c.dirOrigin, c.socket)
			}
			evidence := "/e"
			if c.name != "evidence elsewhere" && c.dir != "" {
				evidence = c.dir + "/evidence"
			} else if c.dir == "" {
				evidence = ""
			}
			if got.Evidence.Dir != evidence {
				t.Errorf("evidence in %q, want %q", got.Evidence.Dir, evidence)
			}
			if len(got.Warnings) > 0 {
				t.Errorf("warnings: %v", got.Warnings)
			}
		})
	}
}

// TestLeapFile: what cannot be a table is refused by its name.
func TestLeapFile(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := "testdata/sparse.yaml"
	for name, want := range map[string]string{
		"/dev/zero": "p.yaml:1: leap_file: /dev/zero is not a regular file",
		empty:       "p.yaml:1: leap_file: " + empty + " has 0 octets: accepted: 1 to 1048576",
		wrong:       "p.yaml:1: leap_file: " + wrong + `: line 3: "log:": want an NTP time and a number of seconds`,
	} {
		if _, err := load("p.yaml", []byte("leap_file: "+name), nil, options); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestInvalidEnvironmentAndFlag(t *testing.T) {
	t.Setenv("PTPWATCH_DETECTORS_PTPGRANDMASTERLOST_AFTER", "30")
	t.Setenv("PTPWATCH_LIMITS_CLOCKS", "many")
	t.Setenv("PTPWATCH_LISTEN", "9588")
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.String("log-level", "", "")
	_ = flags.Set("log-level", "loud")
	_, err := Load("testdata/full.yaml", Options{Alerts: alerts, Flags: map[string]*pflag.Flag{"log.level": flags.Lookup("log-level")}})
	want := strings.Join([]string{
		`environment PTPWATCH_DETECTORS_PTPGRANDMASTERLOST_AFTER: detectors.PTPGrandmasterLost.after: "30": a duration is a number with a unit: 500ms, 10s, 5m or 1h30m`,
		`environment PTPWATCH_LIMITS_CLOCKS: limits.clocks: "many": accepted: 1 to 1000000, in decimal`,
		`environment PTPWATCH_LISTEN: listen: "9588": a host and a port are expected: :9588, 127.0.0.1:9588 or [::1]:9588`,
		`flag --log-level: log.level: "loud": accepted: debug, info, warn, error`,
	}, "\n")
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWarnings(t *testing.T) {
	t.Setenv("PTPWATCH_LOG_LEVLE", "debug")
	got, err := Load("testdata/warnings.yaml", options)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"environment PTPWATCH_LOG_LEVLE: sets nothing: did you mean PTPWATCH_LOG_LEVEL?",
		"testdata/warnings.yaml:4: interfaces[0].reference_error: 1µs: without reference: independent it is no reference",
		"testdata/warnings.yaml:10: domains[0].domain: 0: profile g8275.1 has domains 24 to 43",
		"testdata/warnings.yaml:13: domains[1].sdo_id: 0x000: profile gptp has sdoId 0x100",
		`testdata/warnings.yaml:16: domains[2].network: "fabric-b" is no network and no interface named here: the entry may apply to nothing`,
		"testdata/warnings.yaml:20: domains[3].learn_for: 1h0m0s: with baseline: off nothing is learned",
		"testdata/warnings.yaml:22: domains[4].compliance_limit: 1ms: with compliance: none there is nothing that it is a limit of",
		"testdata/warnings.yaml:25: domains[5].compliance_limit: 1ms: us-cat has 100µs, 50ms, 1s: it is reported as a limit of your own",
	}
	var texts []string
	for _, w := range got.Warnings {
		texts = append(texts, w.Error())
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestCompliance: every rule there is may be chosen, and none that is not.
func TestCompliance(t *testing.T) {
	want := []string{compliance.None}
	for _, p := range compliance.Profiles {
		want = append(want, p.Name)
	}
	got := keyTree(alerts).child("domains").item.child("compliance").oneof
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestWriteReadsBack: what check-config prints is a configuration, the same.
func TestWriteReadsBack(t *testing.T) {
	for _, file := range []string{"", "testdata/full.yaml", "testdata/warnings.yaml"} {
		first, err := Load(file, options)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := first.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := load("printed.yaml", b.Bytes(), nil, options)
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if diff := cmp.Diff(first, again, same, cmpopts.IgnoreFields(Config{}, "Warnings")); diff != "" {
			t.Errorf("%s: -want +got\n%s", file, diff)
		}
	}
}
