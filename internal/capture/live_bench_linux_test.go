package capture

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// TestMain lets the test binary be the generator of its own benchmark: frames
// that another process sends cost this one nothing.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "generate" {
		if err := generate(os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// generate sends count frames at a rate a second, what a busy port says.
func generate(name, rateText, countText string) error {
	rate, err := strconv.Atoi(rateText)
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		return err
	}
	index, err := interfaceIndex(fd, name)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: index}); err != nil {
		return err
	}
	if rate > 10_000 { // then the sending end does not hear them
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
			return err
		}
	}
	burst := min(max(rate/1000, 1), 256) // a millisecond's worth
	headers := make([]unix.Mmsghdr, burst)
	frames := generated()
	for i := range headers {
		f := frames[i%len(frames)]
		v := &unix.Iovec{Base: &f[0]}
		v.SetLen(len(f))
		headers[i].Hdr.Iov = v
		headers[i].Hdr.SetIovlen(1)
	}
	start := time.Now()
	for sent := 0; sent < count; {
		due := int(time.Since(start).Seconds() * float64(rate))
		if due <= sent {
			time.Sleep(max(time.Millisecond/2, time.Second/time.Duration(rate)))
			continue
		}
		if late := due - sent - rate/100; late > 0 { // the machine is busy: no faster for that
			start = start.Add(time.Duration(late) * time.Second / time.Duration(rate))
			continue
		}
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&headers[0])),
			uintptr(min(due-sent, burst, count-sent)), 0, 0, 0)
		if errno != 0 && errno != unix.ENOBUFS && errno != unix.EINTR {
			return errno
		}
		if errno == 0 {
			sent += int(n)
		}
	}
	return nil
}

// generated is a mix of transports and messages.
func generated() [][]byte {
	frames := [][]byte{}
	for i, m := range []ptp.MessageType{ptp.Sync, ptp.FollowUp, ptp.DelayReq, ptp.DelayResp} {
		frames = append(frames, eth(0x0800, ip4(0, nil, udp4(319, 319, message(m, uint16(i))))), eth(0x88F7, message(m, uint16(i))))
	}
	return append(frames, eth(0x8100, tag(100, 0x88F7, message(ptp.AnnounceMessage, 1, pathTrace...))))
}

// BenchmarkLive captures b.N messages from a cable at a rate, with a consumer
// that spends 150 ns on each as the analysis does. It fails for a message lost.
// At both ends of the cable each is captured twice, and the two are merged.
//
//	go test -run '^$' -bench Live/200000 -benchtime 6000000x ./internal/capture
func BenchmarkLive(b *testing.B) {
	for _, rate := range []int{1000, 10_000, 50_000, 100_000, 200_000} {
		b.Run(strconv.Itoa(rate), func(b *testing.B) { benchmarkLive(b, rate, "right") })
	}
	b.Run("1000_both_ends", func(b *testing.B) { benchmarkLive(b, 1000, "right", "left") })
}

func benchmarkLive(b *testing.B, rate int, names ...string) {
	labtest.Enter(b)
	cable(b, "left", "right")
	l, err := OpenLive(LiveOptions{Interfaces: interfaces(names...)})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go l.Run(b.Context())
	generator := exec.Command(os.Args[0], "generate", "left", strconv.Itoa(rate), strconv.Itoa(b.N))
	generator.Stderr = os.Stderr
	if err := generator.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- generator.Wait() }()
	wanted := b.N * len(names)
	b.ResetTimer()
	before, begin := cpuTime(b), time.Now()
	got, age := consume(b, l, wanted)
	wall, cpu := time.Since(begin), cpuTime(b)-before
	b.StopTimer()
	if err := <-ended; err != nil {
		b.Fatalf("generator: %v", err)
	}
	drops, queue := uint64(0), uint64(0)
	for i, s := range l.Stats() {
		drops += s.Drops
		queue += l.listeners[i].lost
	}
	b.ReportMetric(float64(got)/wall.Seconds(), "messages/s")
	b.ReportMetric(100*cpu.Seconds()/wall.Seconds(), "%core")
	b.ReportMetric(float64(cpu.Nanoseconds())/float64(got), "cpu-ns/message")
	b.ReportMetric(age.Seconds()*1000/float64(got), "ms-old")
	b.ReportMetric(float64(drops), "drops")
	if got != wanted || drops != 0 {
		b.Errorf("%d of %d messages, %d drops, of them %d in our queue: %.0f/s with %.0f %% of a core",
			got, wanted, drops, queue, float64(got)/wall.Seconds(), 100*cpu.Seconds()/wall.Seconds())
	}
}

// consume takes messages until it has as many as wanted or none come for some
// seconds. It gives the sum of their ages, too.
func consume(b *testing.B, l *Live, wanted int) (got int, age time.Duration) {
	var o packet.Observation
	for quiet := 0; got < wanted && quiet < 6; {
		message, err := l.Next(&o)
		if err != nil {
			b.Fatal(err)
		}
		if !message {
			quiet++
			continue
		}
		quiet = 0
		got++
		if got%64 == 0 { // reading the clock costs as much as the analysis
			age += 64 * time.Since(o.Software)
		}
		spend()
	}
	return got, age
}

// spend is 150 ns of work.
func spend() {
	x := spent
	for range 160 {
		x = x*1664525 + 1013904223
	}
	spent = x
}

var spent uint32

// cpuTime is what this process has used, all threads, to the nanosecond.
func cpuTime(t testing.TB) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		t.Fatal(err)
	}
	return time.Duration(ts.Nano())
}

func BenchmarkSpend(b *testing.B) {
	for b.Loop() {
		spend()
	}
}
