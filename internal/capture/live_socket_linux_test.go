package capture

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func openSocket(t *testing.T, name string, o SocketOptions) *Socket {
	t.Helper()
	s, err := OpenSocket(name, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// readUntil reads frames up to the one that is last.
func readUntil(t *testing.T, s *Socket, last []byte) (frames [][]byte, metas []FrameMeta) {
	t.Helper()
	timeout := time.AfterFunc(waitLimit, func() { s.Close() })
	defer timeout.Stop()
	for {
		b, info, err := s.ZeroCopyReadPacketData()
		if err != nil {
			t.Fatalf("after %d frames: %v", len(frames), err)
		}
		if bytes.Equal(b, last) {
			return frames, metas
		}
		if info.Length != len(b) || info.CaptureLength != len(b) || info.Timestamp.IsZero() {
			t.Errorf("%d octets, and CaptureInfo %+v", len(b), info)
		}
		frames = append(frames, bytes.Clone(b))
		metas = append(metas, *info.AncillaryData[0].(*FrameMeta))
	}
}

// TestFilterInKernel: the kernel passes the frames that bpf.VM passes, on the
// way in and on the way out, and with the VLAN tag back in place they are the
// frames that were sent.
func TestFilterInKernel(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	in, out := openSocket(t, "right", SocketOptions{Promiscuous: true}), openSocket(t, "left", SocketOptions{})
	last := eth(0x88F7, message(ptp.Signaling, 0xFFFF))
	var want [][]byte
	s := newSender(t, "left")
	for _, c := range filterCases() {
		s.send(c.frame)
		if c.want {
			want = append(want, c.frame)
		}
	}
	s.send(last)
	for _, c := range []struct {
		socket *Socket
		egress bool
	}{{in, false}, {out, true}} {
		got, metas := readUntil(t, c.socket, last)
		if len(got) != len(want) {
			t.Errorf("%s: %d frames, want %d", c.socket.name, len(got), len(want))
		}
		for i := range min(len(got), len(want)) {
			if !bytes.Equal(got[i], want[i]) {
				t.Fatalf("%s: frame %d is\n%swant\n%s", c.socket.name, i, hex.Dump(got[i]), hex.Dump(want[i]))
			}
			if m := metas[i]; m.Egress != c.egress || m.Software.IsZero() || !m.Hardware.IsZero() {
				t.Errorf("%s: frame %d has %+v", c.socket.name, i, m)
			}
		}
	}
}

// TestFilterBeforeFirstFrame: on a busy host, nothing else gets into a socket
// that is just being opened.
func TestFilterBeforeFirstFrame(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	cable(t, "west", "east")
	sync := message(ptp.Sync, 1)
	wanted, elsewhere := eth(0x88F7, sync), eth(0x88F7, message(ptp.Sync, 2))
	noise := eth(0x0800, ip4(0, nil, udp4(53, 53, sync)))
	stop, stopped := make(chan struct{}), make(chan struct{})
	here, there := newSender(t, "left"), newSender(t, "west")
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				here.send(noise, noise, noise, noise, wanted)
				there.send(elsewhere)
			}
		}
	}()
	for range 30 {
		s := openSocket(t, "right", SocketOptions{Promiscuous: true, Delay: time.Millisecond})
		for range 3 {
			b, _, err := s.ZeroCopyReadPacketData()
			if err != nil || !bytes.Equal(b, wanted) {
				t.Fatalf("got %v\n%s", err, hex.Dump(b))
			}
		}
		s.Close()
	}
	close(stop)
	<-stopped
}

// TestSocketIsPacketDataSource drives gopacket's own decoders with it.
func TestSocketIsPacketDataSource(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	socket := openSocket(t, "right", SocketOptions{})
	defer time.AfterFunc(waitLimit, func() { socket.Close() }).Stop()
	var source gopacket.ZeroCopyPacketDataSource = socket
	newSender(t, "left").send(
		eth(0x8100, tag(100, 0x0800, ip4(0, nil, udp4(319, 319, message(ptp.Sync, 7))))),
		eth(0x0800, ip4(0, nil, udp4(320, 320, message(ptp.FollowUp, 7)))),
	)
	var (
		ethernet layers.Ethernet
		dot1q    layers.Dot1Q
		ipv4     layers.IPv4
		udp      layers.UDP
		payload  gopacket.Payload
		decoded  []gopacket.LayerType
	)
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &dot1q, &ipv4, &udp, &payload)
	for _, want := range []struct {
		message ptp.MessageType
		port    layers.UDPPort
		layers  int
	}{{ptp.Sync, 319, 5}, {ptp.FollowUp, 320, 4}} {
		data, info, err := source.ZeroCopyReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		if err := parser.DecodeLayers(data, &decoded); err != nil {
			t.Fatal(err)
		}
		var m ptp.Message
		if err := ptp.Decode(payload, &m); err != nil || m.Type != want.message || m.SequenceID != 7 || udp.DstPort != want.port || len(decoded) != want.layers {
			t.Errorf("got %v %v (%v), layers %v", m.Type, udp.DstPort, err, decoded)
		}
		if age := time.Since(info.Timestamp); age < 0 || age > 10*time.Second {
			t.Errorf("captured %v ago", age)
		}
	}
}

func TestSocketCountsDrops(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	s := openSocket(t, "right", SocketOptions{buffer: 1}) // the least there is
	const sent = 500
	last := eth(0x88F7, message(ptp.Signaling, 0xFFFF))
	sender := newSender(t, "left")
	for i := range sent {
		sender.send(eth(0x88F7, message(ptp.Sync, uint16(i))))
	}
	eventually(t, "drops, of a buffer for few", func() bool { return s.drops() > 0 })
	frames := 0
	eventually(t, "every frame read or dropped", func() bool {
		n, err := s.receive()
		if err != nil {
			t.Fatal(err)
		}
		frames += n
		return frames+int(s.drops()) == sent
	})
	dropped := s.drops()
	// The frames tell of the drops, too.
	sender.send(last)
	readUntil(t, s, last)
	if s.overflow.total != dropped || s.drops() != dropped {
		t.Errorf("the frames tell of %d drops, the socket of %d, want %d", s.overflow.total, s.drops(), dropped)
	}
}

func TestCounter32(t *testing.T) {
	var c counter32
	for _, now := range []uint32{5, 5, 1<<32 - 1, 3} {
		c.update(now)
	}
	if c.total != 1<<32+3 {
		t.Errorf("got %d", c.total)
	}
}

func TestSocketCloseWakesReader(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	s := openSocket(t, "right", SocketOptions{})
	read := make(chan error, 1)
	go func() {
		_, _, err := s.ZeroCopyReadPacketData()
		read <- err
	}()
	time.Sleep(20 * time.Millisecond) // it waits by now, for ever; if not, it must end all the same
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-read:
		if err != io.EOF {
			t.Errorf("got %v, want io.EOF", err)
		}
	case <-time.After(waitLimit):
		t.Fatal("the reader goes on")
	}
	if _, err := s.receive(); err != io.EOF {
		t.Errorf("after Close: %v, want io.EOF", err)
	}
}

// TestSocketSurvivesDown: a reader of a link that goes down hears it again
// when it is up.
func TestSocketSurvivesDown(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	s := openSocket(t, "right", SocketOptions{})
	labtest.IP(t, "link set right down")
	labtest.IP(t, "link set right up")
	last := eth(0x88F7, message(ptp.Sync, 1))
	sender := newSender(t, "left")
	waitForCarrier(t, "left")
	sender.send(last)
	readUntil(t, s, last)
}

func TestSocketMemberships(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	joined := func() (n int) {
		b, err := os.ReadFile("/proc/thread-self/net/dev_mcast")
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			for line := range strings.Lines(string(b)) {
				if f := strings.Fields(line); f[1] == "right" && f[4] == hex.EncodeToString(g[:]) {
					n++
				}
			}
		}
		return n
	}
	promiscuity := func() bool {
		out, err := exec.Command("ip", "-d", "link", "show", "right").Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(out), "promiscuity 1")
	}
	before := joined()
	s := openSocket(t, "right", SocketOptions{})
	if n := joined(); n != len(groups) || promiscuity() {
		t.Errorf("joined %d groups of %d, promiscuous %v", n, len(groups), promiscuity())
	}
	s.Close()
	if n := joined(); n != before {
		t.Errorf("after Close still in %d groups, want %d", n, before)
	}
	s = openSocket(t, "right", SocketOptions{Promiscuous: true})
	if n := joined(); n != before || !promiscuity() {
		t.Errorf("promiscuous %v, in %d groups", promiscuity(), n)
	}
	s.Close()
	if promiscuity() {
		t.Error("after Close still promiscuous")
	}
}

func TestOpenSocketRefuses(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	for _, c := range []struct {
		name  string
		cause error
		words []string
	}{
		{"absent", unix.ENODEV, []string{"listen on absent: no such interface (there are lo, right, left)"}},
		{"a name that is far too long", unix.EINVAL, []string{"not a name"}},
		{"", unix.ENODEV, []string{"no such interface"}},
	} {
		_, err := OpenSocket(c.name, SocketOptions{})
		if !errors.Is(err, c.cause) {
			t.Errorf("%q: %v, want %v", c.name, err, c.cause)
			continue
		}
		for _, w := range c.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %q lacks %q", c.name, err, w)
			}
		}
	}
}

// TestMissingCapability: what a user without rights is told.
func TestMissingCapability(t *testing.T) {
	labtest.Enter(t)
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
	data[0].Effective &^= 1 << unix.CAP_NET_RAW // of this thread, which ends with the test
	if err := unix.Capset(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
	_, err := OpenSocket("lo", SocketOptions{})
	if !errors.Is(err, unix.EPERM) {
		t.Fatalf("got %v, want EPERM", err)
	}
	program, _ := os.Executable()
	want := "listen on lo: capturing needs the capability CAP_NET_RAW: run as root, or once `setcap cap_net_raw+ep " + program + "`: operation not permitted"
	if err.Error() != want {
		t.Errorf("got  %q\nwant %q", err, want)
	}
}

// TestLoopbackHearsOnce: what the loopback interface sends it receives, too.
func TestLoopbackHearsOnce(t *testing.T) {
	labtest.Enter(t)
	s := openSocket(t, "lo", SocketOptions{})
	sender := newSender(t, "lo")
	first, last := eth(0x88F7, message(ptp.Sync, 1)), eth(0x88F7, message(ptp.Sync, 2))
	sender.send(first, last)
	if frames, metas := readUntil(t, s, last); len(frames) != 1 || metas[0].Egress {
		t.Errorf("%d frames, %+v", len(frames), metas)
	}
}
