//go:build linux

package main

import (
	"flag"
	"fmt"
	"strconv"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/lab"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// tool is an attack: options declares its options and returns what makes it of
// them.
type tool struct {
	name, help string
	iface      string
	rest       string // what arguments after the options are; "" where there are none
	options    func(*flag.FlagSet) func() (lab.Attack, error)
}

var tools = []tool{
	{"rogue", "a better grandmaster: a real ptp4l, which takes further options after --", "eth0", "ptp4l's", rogue},
	{"rogue-sender", "a better grandmaster that only sends", "eth0", "", rogueSender},
	{"announce", "false Announces in a grandmaster's name", "eth0", "", announce},
	{"replay", "a grandmaster's Sync and Follow_Up again, when they are old", "eth0", "", replay},
	{"follow-up", "false Follow_Ups in a grandmaster's name", "eth0", "", followUp},
	{"delay-resp", "false Delay_Resps in a grandmaster's name", "eth0", "", delayResp},
	{"management", "a management SET to all", "eth0", "", management},
	{"flood", "requests for unicast service", "eth0", "", flood},
	{"in-path", "between grandmaster and client: delays messages, shifts timestamps", "down", "", inPath},
}

func rogue(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.RogueClock{Priority1: 1}
	octet(f, &a.Domain, "domain", "domainNumber")
	octet(f, &a.Priority1, "priority1", "its priority1")
	return func() (lab.Attack, error) {
		a.Options = f.Args()
		return a, nil
	}
}

func rogueSender(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.RogueSender{Transport: packet.UDPv4, LogSync: -3}
	a.Announce = ptp.Announce{
		GrandmasterPriority1: 1, GrandmasterPriority2: 128,
		GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
		TimeSource:              ptp.TimeSourceGNSS,
	}
	octet(f, &a.Domain, "domain", "domainNumber")
	octet(f, &a.Announce.GrandmasterPriority1, "priority1", "its priority1")
	octet(f, &a.Announce.GrandmasterClockQuality.ClockClass, "class", "its clockClass")
	octet(f, &a.LogAnnounce, "log-announce", "logarithm of its announce interval")
	octet(f, &a.LogSync, "log-sync", "logarithm of its sync interval")
	f.DurationVar(&a.Shift, "shift", 0, "how far its time is ahead")
	transport(f, &a.Transport)
	return func() (lab.Attack, error) { return a, nil }
}

// station declares the options of attacks in a grandmaster's name.
func station(f *flag.FlagSet, s *lab.Station) {
	octet(f, &s.Domain, "domain", "domainNumber")
	f.BoolVar(&s.Spoof, "spoof", false, "from the grandmaster's addresses too")
	f.Func("victim", "port identity in whose name to speak (default: the first grandmaster heard)", func(text string) (err error) {
		s.Victim, err = ptp.ParsePortIdentity(text)
		return err
	})
}

func announce(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.ForgeAnnounce{}
	station(f, &a.Station)
	optional(f, &a.Priority1, "priority1", "priority1 to say")
	optional(f, &a.ClockClass, "class", "clockClass to say")
	optional(f, &a.CurrentUTCOffset, "utc-offset", "currentUtcOffset to say, in seconds")
	return func() (lab.Attack, error) {
		if a.Priority1 == nil && a.ClockClass == nil && a.CurrentUTCOffset == nil {
			return nil, fmt.Errorf("say what is false: -priority1, -class, -utc-offset")
		}
		return a, nil
	}
}

func replay(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.Replay{}
	station(f, &a.Station)
	f.DurationVar(&a.Age, "age", 2*time.Second, "how old they are")
	return func() (lab.Attack, error) { return a, nil }
}

func followUp(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.ForgeFollowUp{}
	station(f, &a.Station)
	f.DurationVar(&a.Shift, "shift", 10*time.Millisecond, "how false preciseOriginTimestamp is")
	return func() (lab.Attack, error) { return a, nil }
}

func delayResp(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.ForgeDelayResp{}
	station(f, &a.Station)
	f.DurationVar(&a.Shift, "shift", 10*time.Millisecond, "how false receiveTimestamp is")
	octet(f, &a.LogInterval, "log-interval", "logMessageInterval that clients are to heed")
	return func() (lab.Attack, error) { return a, nil }
}

func management(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.Manage{ID: lab.Priority1, Transport: packet.UDPv4}
	octet(f, &a.Domain, "domain", "domainNumber")
	octet(f, &a.Value, "value", "value to set")
	f.Func("id", "managementId of one octet (default 0x2005, PRIORITY1)", func(text string) error {
		id, err := strconv.ParseUint(text, 0, 16)
		a.ID = ptp.ManagementID(id)
		return err
	})
	transport(f, &a.Transport)
	return func() (lab.Attack, error) { return a, nil }
}

func flood(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.Flood{}
	station(f, &a.Station)
	f.IntVar(&a.Rate, "rate", 200, "requests a second")
	f.IntVar(&a.Count, "count", 2000, "requests in all")
	f.IntVar(&a.Requesters, "requesters", 50, "identities to send from")
	seconds := f.Uint("duration", 10, "seconds to ask for")
	octet(f, &a.LogPeriod, "log-period", "logInterMessagePeriod to ask for")
	return func() (lab.Attack, error) {
		a.Duration = uint32(*seconds)
		return a, nil
	}
}

func inPath(f *flag.FlagSet) func() (lab.Attack, error) {
	a := &lab.InPath{}
	f.StringVar(&a.Upstream, "up", "up", "interface on the grandmasters' side")
	f.BoolVar(&a.Sync, "sync", false, "delay Sync")
	f.BoolVar(&a.DelayReq, "delay-req", false, "delay Delay_Req")
	f.DurationVar(&a.Delay, "delay", 0, "by how much")
	f.DurationVar(&a.Shift, "shift", 0, "add this to the grandmaster's timestamps")
	f.DurationVar(&a.Ramp, "ramp", 0, "grow to that over this time")
	return func() (lab.Attack, error) { return a, nil }
}
