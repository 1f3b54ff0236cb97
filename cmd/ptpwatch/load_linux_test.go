package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/lab"
	"github.com/ptpwatch/ptpwatch/internal/labtest"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func init() { commands["load"] = runLoad }

// runLoad is the program `load INTERFACE RATE COUNT`, which sends COUNT messages
// at RATE a second: what a mirror port shows of a unicast grandmaster and its
// clients, each exchange whole.
func runLoad() {
	rate, rateErr := strconv.Atoi(os.Args[2])
	count, countErr := strconv.Atoi(os.Args[3])
	if rateErr != nil || countErr != nil || rate < 1 {
		fmt.Fprintln(os.Stderr, "usage: load INTERFACE RATE COUNT")
		os.Exit(2)
	}
	if err := sendLoad(os.Args[1], rate, count); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// loadFrames is the number of frames of one client's turn.
const loadFrames = 4

// loadRounds is how often a second each client has its turn.
const loadRounds = 64

// loadClients is how many clients make a rate.
func loadClients(rate int) int { return max(rate/(loadFrames*loadRounds), 1) }

// loadTurn is the frames of each client's turn, one after the other: a Sync
// with its Follow_Up, a Delay_Req with its Delay_Resp.
func loadTurn(clients int) (frames [][]byte) {
	address := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 77, byte(n >> 8), byte(n)}) }
	mac := func(n int) packet.MAC { return packet.MAC{2, 0, 0, 0, byte(n >> 8), byte(n)} }
	identity := func(n int) ptp.PortIdentity {
		return ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(0x020000fffe000000 + n), PortNumber: 1}
	}
	for n := 1; n <= clients; n++ {
		down := lab.Envelope{
			Transport: packet.UDPv4, SourceMAC: mac(0), DestinationMAC: mac(n), SourceAddress: address(0), DestinationAddress: address(n),
		}
		up := lab.Envelope{
			Transport: packet.UDPv4, SourceMAC: mac(n), DestinationMAC: mac(0), SourceAddress: address(n), DestinationAddress: address(0),
		}
		for _, m := range []ptp.Message{
			{Type: ptp.Sync, Flags: ptp.FlagTwoStep, SourcePortIdentity: identity(0), LogMessageInterval: -6},
			{Type: ptp.FollowUp, SourcePortIdentity: identity(0), LogMessageInterval: -6},
			{Type: ptp.DelayReq, SourcePortIdentity: identity(n), LogMessageInterval: 0x7f},
			{Type: ptp.DelayResp, SourcePortIdentity: identity(0), PortIdentity: identity(n), LogMessageInterval: 0x7f},
		} {
			m.VersionPTP, m.MinorVersionPTP, m.DomainNumber = 2, 1, 44
			m.Flags |= ptp.FlagUnicast
			e := &down
			if m.Type == ptp.DelayReq {
				e = &up
			}
			f := e.Frame(&m)
			clear(f[14+20+6:][:2]) // no checksum: it changes with every turn
			frames = append(frames, f)
		}
	}
	return frames
}

// renew makes a frame of the turn before one of this turn.
func renew(frame []byte, turn uint16, now ptp.Timestamp) {
	const message = 14 + 20 + 8 // behind Ethernet, IPv4 and UDP
	binary.BigEndian.PutUint16(frame[message+30:], turn)
	copy(frame[message+34:], now.Seconds[:])
	binary.BigEndian.PutUint32(frame[message+40:], now.Nanoseconds)
}

func sendLoad(name string, rate, count int) error {
	fd, err := loadSocket(name)
	if err != nil {
		return err
	}
	frames := loadTurn(loadClients(rate))
	headers := make([]unix.Mmsghdr, min(max(rate/1000, 1), len(frames))) // a millisecond's worth
	vectors := make([]unix.Iovec, len(headers))
	start := time.Now()
	for sent := 0; sent < count; {
		n := min(len(headers), count-sent, len(frames)-sent%len(frames))
		begin := start.Add(time.Duration(sent+n) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(begin))
		now := ptp.NewTimestamp(time.Now().UnixNano() + 37e9)
		for i := range n {
			f := frames[(sent+i)%len(frames)]
			renew(f, uint16((sent+i)/len(frames)), now)
			vectors[i].Base = &f[0]
			vectors[i].SetLen(len(f))
			headers[i].Hdr.Iov = &vectors[i]
			headers[i].Hdr.SetIovlen(1)
		}
		for done := 0; done < n; {
			k, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&headers[done])), uintptr(n-done), 0, 0, 0)
			if errno != 0 && errno != unix.ENOBUFS && errno != unix.EINTR {
				return fmt.Errorf("send on %s: %w", name, errno)
			}
			if errno == 0 {
				done += int(k)
			}
		}
		sent += n
	}
	return nil
}

// loadSocket sends past the queueing discipline; it hears nothing.
func loadSocket(name string) (int, error) {
	at, err := net.InterfaceByName(name)
	if err != nil {
		return 0, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		return 0, err
	}
	return fd, unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: at.Index})
}

// BenchmarkRun offers `ptpwatch run` b.N messages over a cable at a rate, from
// another process, without and with the latest frames kept for evidence. It fails for one that was not analysed, and for an exchange
// that was not whole.
//
//	go test -run '^$' -bench Run/200000 -benchtime 6100000x ./cmd/ptpwatch
func BenchmarkRun(b *testing.B) {
	for _, rate := range []int{1000, 200_000} {
		b.Run(strconv.Itoa(rate), func(b *testing.B) { benchmarkRun(b, rate) })
		b.Run(strconv.Itoa(rate)+"-evidence", func(b *testing.B) { benchmarkRun(b, rate, "--state-dir", b.TempDir()) })
	}
}

func benchmarkRun(b *testing.B, rate int, args ...string) {
	labtest.Enter(b)
	labtest.Cable(b, "left", "right")
	p := beginRun(b, append([]string{"-i", "right"}, args...)...)
	p.shows(1, "capture_interface_up")
	sender := exec.Command("load", "left", strconv.Itoa(rate+rate/100), strconv.Itoa(b.N)) // it takes a moment to begin
	sender.Stderr = os.Stderr
	b.ResetTimer()
	before, begin := cpuTime(b, p), time.Now()
	if err := sender.Run(); err != nil {
		b.Fatalf("load: %v", err)
	}
	wall, cpu := time.Since(begin), cpuTime(b, p)-before
	b.StopTimer()
	got := func(family string, labels ...string) float64 {
		n, _ := p.metric(family, labels...)
		return n
	}
	for last := -1.0; got("messages_total") != last; time.Sleep(2 * time.Second) { // until nothing more comes
		last = got("messages_total")
	}
	drops, messages := got("capture_drops_total"), got("messages_total")
	b.ReportMetric(float64(b.N)/wall.Seconds(), "messages/s")
	b.ReportMetric(100*cpu.Seconds()/wall.Seconds(), "%core")
	b.ReportMetric(float64(cpu.Nanoseconds())/float64(b.N), "cpu-ns/message")
	b.ReportMetric(float64(b.N)-messages, "lost")
	b.ReportMetric(memory(b, p), "MB")
	if messages != float64(b.N) || drops != 0 {
		b.Errorf("sent %d messages, %v analysed, %v dropped", b.N, messages, drops)
	}
	if offered := float64(b.N) / wall.Seconds(); b.N >= rate && offered < float64(rate) {
		b.Errorf("offered %.0f messages/s: the machine is busy with something else", offered)
	}
	for kind, first := range map[string]string{"sync": "sync", "delay": "delay_req"} {
		whole, begun := got("exchanges_total", `result="complete"`, `kind="`+kind+`"`), got("messages_total", `message_type="`+first+`"`)
		if whole < begun-1 { // the last may be cut
			b.Errorf("%s: %v exchanges begun, %v whole", kind, begun, whole)
		}
	}
	p.stop()
}

// cpuTime is what the process has used, all threads, to the nanosecond: the
// clock that clock_getcpuclockid(3) gives.
func cpuTime(b *testing.B, p *process) time.Duration {
	b.Helper()
	const scheduled = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid)<<3|scheduled, &ts); err != nil {
		b.Fatal(err)
	}
	return time.Duration(ts.Nano())
}

// memory is the most that was resident of the process, in megabytes.
func memory(b *testing.B, p *process) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if kilobytes, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, err := strconv.ParseFloat(strings.Fields(kilobytes)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return n * 1024 / 1e6
		}
	}
	b.Fatal("no VmHWM in /proc/PID/status")
	return 0
}
