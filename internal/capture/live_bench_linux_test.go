package capture

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

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
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		return err
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
//
//	go test -run '^$' -bench Live/200000 -benchtime 6000000x
func BenchmarkLive(b *testing.B) {
	for _, rate := range []int{1000, 10_000, 50_000, 100_000, 200_000} {
		b.Run(strconv.Itoa(rate), func(b *testing.B) { benchmarkLive(b, rate) })
	}
}

func benchmarkLive(b *testing.B, rate int) {
	enterLab(b)
	cable(b, "left", "right")
	l, err := OpenLive(LiveOptions{Interfaces: []LiveInterface{{Name: "right"}}})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go l.Run(b.Context())
	generator := exec.Command(os.Args[0], "generate", "left", strconv.Itoa(rate), strconv.Itoa(b.N))
	generator.Stderr = os.Stderr
	var o packet.Observation
	b.ResetTimer()
	before, begin := cpuTime(b), time.Now()
	if err := generator.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- generator.Wait() }()
	got, quiet := 0, 0
	for got < b.N && quiet < 6 {
		message, err := l.Next(&o)
		switch {
		case err == io.EOF:
			b.Fatal("ended")
		case !message:
			quiet++
			continue
		}
		got++
		quiet = 0
		spend()
	}
	wall, cpu := time.Since(begin), cpuTime(b)-before
	b.StopTimer()
	if err := <-ended; err != nil {
		b.Fatalf("generator: %v", err)
	}
	stats := l.Stats()[0]
	b.ReportMetric(float64(got)/wall.Seconds(), "messages/s")
	b.ReportMetric(100*cpu.Seconds()/wall.Seconds(), "%core")
	b.ReportMetric(float64(cpu.Nanoseconds())/float64(got), "cpu-ns/message")
	b.ReportMetric(float64(stats.Drops), "drops")
	if got != b.N || stats.Drops != 0 {
		b.Errorf("%d of %d messages, %d drops, of them %d in our queue: %.0f/s with %.0f %% of a core",
			got, b.N, stats.Drops, l.listeners[0].lost, float64(got)/wall.Seconds(), 100*cpu.Seconds()/wall.Seconds())
	}
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
