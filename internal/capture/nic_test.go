package capture

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

const hardwareModes = TransmitHardware | TransmitSoftware | ReceiveHardware | ReceiveSoftware | SystemClock | RawHardware

// family is how a driver behaves: what it advertises, and what it sets itself
// to when it is asked for a filter. A filter that is not there it refuses.
type family struct {
	advertised []RxFilter
	grants     map[RxFilter]RxFilter
}

const (
	filterV1     RxFilter = 3
	filterUDP             = FilterPTPv2UDP
	filterLayer2          = FilterPTPv2Layer2
	filterEvent           = FilterPTPv2
)

// families are drivers as of Linux 6.12.
var families = map[string]family{
	"ice":    {[]RxFilter{FilterNone, FilterAll}, everything(FilterAll)},
	"igc":    {[]RxFilter{FilterNone, FilterAll}, everything(FilterAll)},
	"mlx5":   {[]RxFilter{FilterNone, FilterAll}, everything(FilterAll)},
	"mlx4":   {[]RxFilter{FilterNone, FilterAll}, everything(FilterAll)},
	"igb":    {[]RxFilter{FilterNone, FilterAll}, everything(FilterAll)},                              // 82580, i350, i210
	"igb76":  {[]RxFilter{FilterNone, filterV1, filterUDP, filterLayer2, filterEvent}, events(false)}, // 82576
	"x550":   {[]RxFilter{FilterNone, FilterAll}, everything(FilterAll)},
	"ixgbe":  {[]RxFilter{FilterNone, filterV1, filterLayer2, filterEvent}, events(false)}, // 82599, X540
	"i40e":   {[]RxFilter{FilterNone, filterLayer2, filterUDP, filterEvent}, events(false)},
	"bnxt":   {[]RxFilter{FilterNone, filterLayer2, filterUDP}, events(false)},
	"bnxtfw": {[]RxFilter{FilterNone, FilterAll, filterLayer2, filterUDP}, events(true)},
	"tg3":    {[]RxFilter{FilterNone, filterV1, filterLayer2, filterUDP}, honoured(filterV1, filterUDP, filterLayer2, filterEvent)},
	"stmmac": {[]RxFilter{FilterNone, FilterAll, filterV1, filterUDP, filterLayer2, filterEvent}, honoured(FilterAll, filterV1, filterUDP, filterLayer2, filterEvent)},
	"narrow": {[]RxFilter{FilterNone, filterUDP, filterLayer2}, honoured(filterUDP, filterLayer2)},
}

// everything grants the same whatever is asked for.
func everything(f RxFilter) map[RxFilter]RxFilter {
	return map[RxFilter]RxFilter{FilterAll: f, filterV1: f, filterUDP: f, filterLayer2: f, filterEvent: f}
}

// events widens to all event messages.
func events(all bool) map[RxFilter]RxFilter {
	m := map[RxFilter]RxFilter{filterUDP: filterEvent, filterLayer2: filterEvent, filterEvent: filterEvent}
	if all {
		m[FilterAll] = FilterAll
	}
	return m
}

func honoured(list ...RxFilter) map[RxFilter]RxFilter {
	m := make(map[RxFilter]RxFilter)
	for _, f := range list {
		m[f] = f
	}
	return m
}

func (f family) nic(driver string, config RxFilter) NIC {
	return NIC{
		Name: "eth0", Driver: driver, Clock: "ptp0", Modes: hardwareModes,
		TxTypes: []TxType{0, 1}, RxFilters: f.advertised, Config: HardwareConfig{RxFilter: config},
	}
}

// fakeNIC stands for the kernel and a NIC under it.
type fakeNIC struct {
	nic     NIC
	grants  map[RxFilter]RxFilter
	fault   error // of setting
	gone    bool
	settled []HardwareConfig // what it was set to, one after the other
}

func (f *fakeNIC) read(name string) (NIC, error) {
	if f.gone || name != f.nic.Name {
		return NIC{}, fmt.Errorf("%s: no such device", name)
	}
	return f.nic, nil
}

func (f *fakeNIC) config(name string) (HardwareConfig, error) {
	n, err := f.read(name)
	return n.Config, err
}

func (f *fakeNIC) setConfig(_ string, c HardwareConfig) error {
	if f.fault != nil {
		return f.fault
	}
	granted, ok := f.grants[c.RxFilter]
	if c.RxFilter != FilterNone && !ok {
		return fmt.Errorf("%w: numerical result out of range", errFilterRefused)
	}
	c.RxFilter = granted
	f.nic.Config = c
	f.settled = append(f.settled, c)
	return nil
}

func TestDecide(t *testing.T) {
	enable := StampOptions{HWTstamp: HWTstampEnable}
	hardware := StampOptions{Timestamping: TimestampingHardware}
	veth := NIC{Name: "veth0", Driver: "veth", Modes: TransmitSoftware | ReceiveSoftware | SystemClock}
	unreadable := families["ice"].nic("ice", FilterNone)
	unreadable.ConfigError = "operation not supported"
	noClock := families["ice"].nic("octeon_mgmt", FilterAll)
	noClock.Clock = ""
	with := func(driver string, config RxFilter) NIC { return families[driver].nic(driver, config) }
	for _, c := range []struct {
		name    string
		nic     NIC
		options StampOptions
		source  packet.StampSource
		clock   string
		covers  string
		request []RxFilter
		reason  string // contained
		warns   bool
		advice  string // contained
	}{
		{"no hardware", veth, StampOptions{}, packet.StampSoftware, "", "", nil, "no NIC behind", false, "the host's NIC"},
		{"no hardware, wanted", veth, hardware, packet.StampSoftware, "", "", nil, "no NIC behind", true, "the host's NIC"},
		{"no hardware, enable", veth, enable, packet.StampSoftware, "", "", nil, "no NIC behind", false, "the host's NIC"},
		{"loopback", NIC{Name: "lo", Driver: driverLoopback}, StampOptions{}, packet.StampSoftware, "", "", nil, "loopback interface has no NIC", false, ""},
		{"bridge", NIC{Name: "br0", Driver: "bridge"}, StampOptions{}, packet.StampSoftware, "", "", nil, "its ports may", false, "the port of the bridge"},
		{"NIC without", NIC{Name: "eth0", Driver: "e1000"}, StampOptions{}, packet.StampSoftware, "", "", nil, "driver e1000 stamps nothing", false, "PTP hardware clock"},
		{"NIC without a name", NIC{Name: "eth0"}, hardware, packet.StampSoftware, "", "", nil, "driver unknown stamps nothing", true, "PTP hardware clock"},
		{"software wanted", with("ice", FilterAll), StampOptions{Timestamping: TimestampingSoftware, HWTstamp: HWTstampEnable}, packet.StampSoftware, "", "", nil, "timestamping: software", false, ""},
		{"off, observe", with("ice", FilterNone), StampOptions{}, packet.StampSoftware, "", "", nil, "nobody has switched it on", false, "hwtstamp: enable"},
		{"off, observe, wanted", with("ice", FilterNone), hardware, packet.StampSoftware, "", "", nil, "nobody has switched it on", true, "hwtstamp: enable"},
		{"cannot be read", unreadable, enable, packet.StampUnknown, "ptp0", "", nil, "operation not supported", false, ""},
		{"clock nobody sees", noClock, StampOptions{}, packet.StampHardware, "eth0", "all frames", nil, "rx_filter all", false, ""},

		{"ptp4l on ice", with("ice", FilterAll), StampOptions{}, packet.StampHardware, "ptp0", "all frames", nil, "rx_filter all", false, ""},
		{"ptp4l on i40e", with("i40e", filterEvent), StampOptions{}, packet.StampHardware, "ptp0", "event messages", nil, "rx_filter ptpv2-event", false, ""},
		{"ptp4l over UDP on tg3", with("tg3", filterUDP), StampOptions{}, packet.StampHardware, "ptp0", "event messages over UDP", nil, "rx_filter ptpv2-l4-event", false, "messages over IEEE 802.3 get software stamps"},
		{"ptp4l -2 on tg3, enable", with("tg3", filterLayer2), enable, packet.StampHardware, "ptp0", "event messages over IEEE 802.3", nil, "rx_filter ptpv2-l2-event", false, "messages over UDP get software stamps"},
		{"Sync only", with("stmmac", filterUDP+1), enable, packet.StampHardware, "ptp0", "Sync messages", nil, "ptpv2-l4-sync", false, "other event messages"},
		{"Delay_Req only", with("stmmac", filterEvent+2), enable, packet.StampHardware, "ptp0", "Delay_Req messages", nil, "ptpv2-delay-req", false, "other event messages"},
		{"some", with("stmmac", FilterSome), enable, packet.StampHardware, "ptp0", "some frames", nil, "rx_filter some", false, "the others"},
		{"version 1", with("stmmac", filterV1), enable, packet.StampSoftware, "", "", nil, "rx_filter ptpv1-l4-event, which holds no PTP version 2", false, "ptpv2-event"},
		{"NTP", with("stmmac", 15), hardware, packet.StampSoftware, "", "", nil, "rx_filter ntp-all", true, "ptpv2-event"},
		{"a filter of tomorrow", with("stmmac", 16), hardware, packet.StampSoftware, "", "", nil, "RxFilter(16)", true, ""},

		{"enable, ice", with("ice", FilterNone), enable, packet.StampHardware, "ptp0", "", []RxFilter{FilterAll, filterEvent}, "hwtstamp: enable", false, ""},
		{"enable, bnxt", with("bnxt", FilterNone), enable, packet.StampHardware, "ptp0", "", []RxFilter{filterEvent, filterUDP, filterLayer2}, "hwtstamp: enable", false, ""},
		{"enable, ixgbe", with("ixgbe", FilterNone), enable, packet.StampHardware, "ptp0", "", []RxFilter{filterEvent, filterLayer2}, "hwtstamp: enable", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Decide(c.nic, c.options)
			want := Choice{Source: c.source, Clock: c.clock, Covers: c.covers, Request: c.request}
			want.Reason, want.Warning, want.Advice = got.Reason, got.Warning, got.Advice
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if !strings.Contains(got.Reason, c.reason) || (got.Warning != "") != c.warns || !strings.Contains(got.Advice, c.advice) || (got.Advice != "" && c.advice == "" && c.source == packet.StampHardware) {
				t.Errorf("reason %q, warning %q, advice %q", got.Reason, got.Warning, got.Advice)
			}
		})
	}
}

// TestEnable: each driver family is asked until it grants the most it has, and
// gets back what it had.
func TestEnable(t *testing.T) {
	want := map[string]RxFilter{
		"ice": FilterAll, "igc": FilterAll, "mlx5": FilterAll, "mlx4": FilterAll, "igb": FilterAll, "igb76": filterEvent,
		"x550": FilterAll, "ixgbe": filterEvent, "i40e": filterEvent, "bnxt": filterEvent, "bnxtfw": FilterAll,
		"tg3": filterEvent, "stmmac": FilterAll, "narrow": filterUDP,
	}
	for driver, f := range families {
		t.Run(driver, func(t *testing.T) {
			before := HardwareConfig{Flags: 1, TxType: 2} // one-step: a clock may need it
			fake := &fakeNIC{nic: f.nic(driver, FilterNone), grants: f.grants}
			fake.nic.Config = before
			s := stamping{nics: fake, options: StampOptions{HWTstamp: HWTstampEnable}}
			s.look("eth0")
			granted := HardwareConfig{Flags: 1, TxType: 2, RxFilter: want[driver]}
			if fake.nic.Config != granted || s.choice.Source != packet.StampHardware || s.choice.Covers == "" || s.choice.Warning != "" {
				t.Errorf("set to %+v, want %+v; choice %+v", fake.nic.Config, granted, s.choice)
			}
			if err := s.restore(); err != nil || fake.nic.Config != before {
				t.Errorf("restored to %+v (%v), want %+v", fake.nic.Config, err, before)
			}
			if len(fake.settled) != 2 {
				t.Errorf("set %v, want once there and once back", fake.settled)
			}
		})
	}
}

func TestNeverChanged(t *testing.T) {
	for _, options := range []StampOptions{{}, {HWTstamp: HWTstampObserve}, {Timestamping: TimestampingHardware}, {Timestamping: TimestampingSoftware, HWTstamp: HWTstampEnable}} {
		for driver, f := range families {
			for config := range RxFilter(17) {
				checkUntouched(t, options, driver, f.nic(driver, config))
			}
		}
	}
	// Asked to enable, and somebody uses it.
	for driver, f := range families {
		for config := FilterNone + 1; config < 17; config++ {
			checkUntouched(t, StampOptions{HWTstamp: HWTstampEnable}, driver, f.nic(driver, config))
		}
	}
}

func checkUntouched(t *testing.T, options StampOptions, driver string, nic NIC) {
	t.Helper()
	fake := &fakeNIC{nic: nic, grants: families[driver].grants}
	s := stamping{nics: fake, options: options}
	s.look("eth0")
	s.poll()
	if err := s.restore(); err != nil || len(fake.settled) != 0 {
		t.Errorf("%s at %v with %+v: set to %v (%v)", driver, nic.Config.RxFilter, options, fake.settled, err)
	}
}

func TestEnableRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		fake   fakeNIC
		reason []string
	}{
		{"no capability", fakeNIC{fault: errors.New("SIOCSHWTSTAMP of eth0 needs the capability CAP_NET_ADMIN")}, []string{"all: ", "CAP_NET_ADMIN"}},
		{"every filter refused", fakeNIC{}, []string{"all: ", "ptpv2-event: ", "not supported"}},
		{"granted and not done", fakeNIC{grants: map[RxFilter]RxFilter{FilterAll: FilterNone, FilterPTPv2: FilterNone}}, []string{"could not be switched on"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := &c.fake
			fake.nic = families["ice"].nic("ice", FilterNone)
			s := stamping{nics: fake, options: StampOptions{HWTstamp: HWTstampEnable}}
			s.look("eth0")
			if s.choice.Source != packet.StampSoftware || s.choice.Warning == "" || s.ours {
				t.Errorf("choice %+v, ours %v", s.choice, s.ours)
			}
			for _, want := range c.reason {
				if !strings.Contains(s.choice.Reason, want) {
					t.Errorf("reason %q lacks %q", s.choice.Reason, want)
				}
			}
			if fake.fault != nil && strings.Count(s.choice.Reason, "CAP_NET_ADMIN") != 1 {
				t.Errorf("asked again though it cannot help: %q", s.choice.Reason)
			}
		})
	}
}

// TestOthersChange: what another program sets is told, left alone, and not
// taken back at the end.
func TestOthersChange(t *testing.T) {
	ice := families["ice"]
	fake := &fakeNIC{nic: ice.nic("ice", FilterNone), grants: ice.grants}
	s := stamping{nics: fake, options: StampOptions{HWTstamp: HWTstampEnable}}
	s.look("eth0")
	if s.poll() {
		t.Error("our own change taken for another's")
	}
	ptp4l := HardwareConfig{TxType: 1, RxFilter: FilterAll}
	fake.nic.Config = ptp4l
	if !s.poll() || s.nic.Config != ptp4l || s.choice.Source != packet.StampHardware || !strings.Contains(s.choice.Reason, "another program") {
		t.Errorf("ptp4l started: config %+v, choice %+v", s.nic.Config, s.choice)
	}
	if s.poll() {
		t.Error("told twice")
	}
	if err := s.restore(); err != nil || fake.nic.Config != ptp4l {
		t.Errorf("at the end: %+v (%v), want it as ptp4l set it", fake.nic.Config, err)
	}
	fake.nic.Config = HardwareConfig{}
	if !s.poll() || s.choice.Source != packet.StampSoftware || len(fake.settled) != 1 {
		t.Errorf("switched off by another: choice %+v, set %v", s.choice, fake.settled)
	}
}

// TestOthersChangeLast: between our last look and the end, too.
func TestOthersChangeLast(t *testing.T) {
	for name, then := range map[string]func(s *stamping, nic *NIC){
		"unseen": func(_ *stamping, nic *NIC) { nic.Config.TxType = 1 },
		"seen, and to what we had set": func(s *stamping, nic *NIC) {
			ours := nic.Config
			nic.Config.RxFilter = FilterPTPv2
			s.poll()
			nic.Config = ours
			s.poll()
		},
		"gone": func(s *stamping, _ *NIC) { s.nics.(*fakeNIC).gone = true },
	} {
		t.Run(name, func(t *testing.T) {
			ice := families["ice"]
			fake := &fakeNIC{nic: ice.nic("ice", FilterNone), grants: ice.grants}
			s := stamping{nics: fake, options: StampOptions{HWTstamp: HWTstampEnable}}
			s.look("eth0")
			then(&s, &fake.nic)
			if err := s.restore(); err != nil || len(fake.settled) != 1 {
				t.Errorf("set %v (%v), want only what was set at the start", fake.settled, err)
			}
		})
	}
}

// TestComesUpAgain: a driver may forget its settings while it is down.
func TestComesUpAgain(t *testing.T) {
	ice := families["ice"]
	fake := &fakeNIC{nic: ice.nic("ice", FilterNone), grants: ice.grants}
	s := stamping{nics: fake, options: StampOptions{HWTstamp: HWTstampEnable}}
	s.look("eth0")
	s.look("eth0")
	if len(fake.settled) != 1 || !s.ours {
		t.Errorf("kept its settings: set %v, ours %v", fake.settled, s.ours)
	}
	fake.nic.Config = HardwareConfig{}
	s.look("eth0")
	if len(fake.settled) != 2 || !s.ours {
		t.Errorf("forgot its settings: set %v, ours %v", fake.settled, s.ours)
	}
	fake.gone = true
	if s.poll(); s.restore() != nil {
		t.Error("a NIC that is gone needs no restoring")
	}
	s.look("eth0")
	if s.choice.Source != packet.StampSoftware || !strings.Contains(s.choice.Reason, "no such device") {
		t.Errorf("gone: %+v", s.choice)
	}
}

func TestNICPrints(t *testing.T) {
	n := families["i40e"].nic("i40e", filterEvent)
	n.Config.TxType = 1
	got, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"eth0","driver":"i40e","clock":"ptp0",` +
		`"modes":["hardware-transmit","software-transmit","hardware-receive","software-receive","software-system-clock","hardware-raw-clock"],` +
		`"tx_types":["off","on"],"rx_filters":["none","ptpv2-l2-event","ptpv2-l4-event","ptpv2-event"],` +
		`"config":{"flags":0,"tx_type":"on","rx_filter":"ptpv2-event"}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := fmt.Sprint(TxType(9), RxFilter(-1)); got != "TxType(9) RxFilter(-1)" {
		t.Error(got)
	}
	if got := bitsOf[RxFilter](1<<31 | 1<<1 | 1); !slices.Equal(got, []RxFilter{0, 1, 31}) {
		t.Error(got)
	}
}
