package capture

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// legs is a Live on the two legs of an optical breakout, which the test steps
// through by hand: requests come on the one, responses on the other.
type legs struct {
	*Live
	t                   *testing.T
	requests, responses *listener
}

func openLegs(t *testing.T) legs {
	t.Helper()
	labtest.Enter(t)
	cable(t, "left", "right")
	cable(t, "west", "east")
	l, err := OpenLive(LiveOptions{
		Interfaces: interfaces("right", "east"), Naming: Naming{Taps: map[string]string{"right": "fibre", "east": "fibre"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return legs{l, t, l.listeners[0], l.listeners[1]}
}

// handedOn are the messages that Next would give without waiting.
func (l legs) handedOn() (types []ptp.MessageType) {
	for len(l.queue) > 0 {
		b := <-l.queue
		for _, c := range b.messages {
			types = append(types, c.observation.Message.Type)
		}
	}
	return types
}

// pass waits for a time of the Live's clock.
func (l legs) pass(at int64) {
	l.t.Helper()
	eventually(l.t, "time to go by", func() bool { return l.clock.now() > at })
}

func (l legs) expect(when string, got []ptp.MessageType, want ...ptp.MessageType) {
	l.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Errorf("%s: -want +got\n%s", when, diff)
	}
	if late := l.requests.late + l.responses.late; late != 0 {
		l.t.Errorf("%s: %d messages late", when, late)
	}
}

// TestLiveReadsOneLegFirst: a request comes when its leg was read already, and
// the response to it before the other leg is. The response waits.
func TestLiveReadsOneLegFirst(t *testing.T) {
	l := openLegs(t)
	start := l.clock.now()
	if n := l.read(l.requests, start); n != 0 {
		t.Fatalf("read %d frames before any was sent", n)
	}
	newSender(t, "left").send(eth(0x88F7, message(ptp.DelayReq, 1)))
	newSender(t, "west").send(eth(0x88F7, message(ptp.DelayResp, 1)))
	eventually(t, "the response", func() bool { return l.read(l.responses, start) == 1 })
	l.pass(start + 2*int64(settleTime)) // it is when reading began that counts
	mark, all := l.mark(start)
	if all {
		mark = endOfTime
	}
	l.release(mark)
	l.expect("the request not read yet", l.handedOn())

	var got []ptp.MessageType
	eventually(t, "both", func() bool {
		l.round()
		got = append(got, l.handedOn()...)
		return len(got) == 2
	})
	l.expect("the request read", got, ptp.DelayReq, ptp.DelayResp)
}

// TestLiveWaitsForALateFrame: a request is stamped first, and takes longer into
// its socket than the response into its own. The response waits.
func TestLiveWaitsForALateFrame(t *testing.T) {
	l := openLegs(t)
	stamped := func(n *listener, m ptp.MessageType, at int64) {
		control := cmsg(unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, words(at/1e9, at%1e9, 0, 0, 0, 0))
		deliver(n.socket.batch, 0, unix.PACKET_MULTICAST, eth(0x88F7, message(m, 1)), control)
		n.socket.read(0, &l.frame)
		l.take(n, l.clock.now())
	}
	handOn := func(start int64) []ptp.MessageType {
		mark, all := l.mark(start)
		if all {
			mark = endOfTime
		}
		l.release(mark)
		return l.handedOn()
	}
	const late = int64(settleTime) - 1 // the most that is waited for
	request := l.clock.now()
	response := request + late/2
	l.pass(request + 2*int64(settleTime))

	stamped(l.responses, ptp.DelayResp, response)
	l.expect("the request on its way", handOn(request+late))
	stamped(l.requests, ptp.DelayReq, request)
	l.expect("the request there", handOn(response+int64(settleTime)), ptp.DelayReq, ptp.DelayResp)
}
