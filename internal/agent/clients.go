package agent

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/facebook/time/ptp/protocol"

	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	// clientEvery is how often clients are asked, clientTimeout how long one of
	// them may take.
	clientEvery   = time.Second
	clientTimeout = 200 * time.Millisecond
	// maxAnswer is as much as an answer may hold.
	maxAnswer = 1500
)

// clients asks clocks on this host, on their own sockets, what they measure.
type clients struct {
	list   atomic.Pointer[[]config.Client]
	rounds chan round
	told   map[string]*asked // by socket; the engine's
}

// round is what a client answered, once.
type round struct {
	client  config.Client
	answers []*ptp.Message
	err     error
}

// asked is how the questions to one client went.
type asked struct {
	export.ClientSocket
	state string // how it went last: the error, or answering
	times int    // in a row
	told  string // what the log was told
}

// answering is the state of a client that answers and is heard.
const answering = "answering"

// stateTimes is how often in a row a client must fail for the log to hear of it:
// at the start it is asked before it is heard.
const stateTimes = 5

func newClients(list []config.Client) *clients {
	c := &clients{rounds: make(chan round, 16), told: make(map[string]*asked)}
	c.set(list)
	return c
}

// set has others asked from now on.
func (c *clients) set(list []config.Client) {
	c.list.Store(&list)
	for socket := range c.told {
		if !slices.ContainsFunc(list, func(l config.Client) bool { return l.Socket == socket }) {
			delete(c.told, socket)
		}
	}
}

// run asks all of them every second, until ctx ends. It never waits for whoever
// takes the answers.
func (c *clients) run(ctx context.Context) {
	ticker := time.NewTicker(clientEvery)
	defer ticker.Stop()
	for {
		for _, client := range *c.list.Load() {
			answers, err := askClient(client)
			select {
			case c.rounds <- round{client, answers, err}:
			default:
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// heed takes what was answered since the last time; handle says whether the one
// who answers is heard on the network.
func (c *clients) heed(at time.Time, log *throttle, handle func(*ptp.Message) bool) {
	for {
		select {
		case r := <-c.rounds:
			if slices.Contains(*c.list.Load(), r.client) {
				c.count(at, log, r, handle)
			}
		default:
			return
		}
	}
}

func (c *clients) count(at time.Time, log *throttle, r round, handle func(*ptp.Message) bool) {
	a := c.told[r.client.Socket]
	if a == nil {
		a = &asked{ClientSocket: export.ClientSocket{Socket: r.client.Socket}}
		c.told[r.client.Socket] = a
	}
	heard := len(r.answers) > 0
	for _, m := range r.answers {
		heard = handle(m) && heard
	}
	state := answering
	switch {
	case r.err != nil:
		a.Failed++
		state = r.err.Error()
	case !heard:
		a.Unheard++
		state = "it answers, but is not heard to ask for delays on any network watched, or by several ports"
	default:
		a.Answered++
	}
	a.tell(at, log, state)
}

// tell tells the log what is new.
func (a *asked) tell(at time.Time, log *throttle, state string) {
	if a.state != state {
		a.state, a.times = state, 0
	}
	a.times++
	switch {
	case state == a.told, state != answering && a.times < stateTimes:
		return
	case state == answering:
		log.record(at, slog.LevelInfo, "client answers", a.Socket, "socket", a.Socket)
	default:
		log.record(at, slog.LevelWarn, "client tells nothing", a.Socket, "socket", a.Socket, "error", state)
	}
	a.told = state
}

// stats tell how the questions went, by socket.
func (c *clients) stats() []export.ClientSocket {
	list := make([]export.ClientSocket, 0, len(c.told))
	for _, a := range c.told {
		list = append(list, a.ClientSocket)
	}
	slices.SortFunc(list, func(a, b export.ClientSocket) int { return strings.Compare(a.Socket, b.Socket) })
	return list
}

// askClient asks for PARENT_DATA_SET and CURRENT_DATA_SET. It is a GET with no
// hops left, which no clock passes on to a network (IEEE 1588-2019 15.3.3). The
// socket is new each time: so no answer can be to an earlier question.
func askClient(c config.Client) (answers []*ptp.Message, err error) {
	conn, err := dialClient(c)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(clientTimeout)); err != nil {
		return nil, err
	}
	client := protocol.MgmtClient{Connection: conn, DomainNumber: c.DomainNumber}
	for _, request := range []*protocol.Management{protocol.ParentDataSetRequest(), protocol.CurrentDataSetRequest()} {
		request.SdoIDAndMsgType |= protocol.SdoIDAndMsgType(c.SdoID>>8) << 4
		request.MinorSdoID = uint8(c.SdoID)
		if err := client.SendPacket(request); err != nil {
			return nil, fmt.Errorf("ask: %w", err)
		}
		m, err := readAnswer(conn, client.Sequence)
		if err != nil {
			return nil, err
		}
		answers = append(answers, m)
	}
	return answers, nil
}

// readAnswer reads the answer to the request of that sequenceId.
func readAnswer(conn net.Conn, sequence uint16) (*ptp.Message, error) {
	b := make([]byte, maxAnswer)
	n, err := conn.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, fmt.Errorf("no answer within %v: is its domainNumber and sdoId what clients[] says, and can it reach the socket it should answer to?", clientTimeout)
	}
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	m := new(ptp.Message)
	if err := ptp.Decode(b[:n], m); err != nil {
		return nil, fmt.Errorf("decode the answer: %w", err)
	}
	if m.Type != ptp.ManagementMessage || m.Management.Action != ptp.ActionResponse || m.SequenceID != sequence || m.Fault != "" {
		return nil, fmt.Errorf("the answer is a %v %v with sequenceId %d %s, not a sound RESPONSE with %d",
			m.Type, m.Management.Action, m.SequenceID, m.Fault, sequence)
	}
	return m, nil
}

// dialClient makes a socket that hears that client only.
func dialClient(c config.Client) (net.Conn, error) {
	local := &net.UnixAddr{Net: "unixgram", Name: "@ptpwatch-" + rand.Text()} // of unix(7)'s abstract names
	if c.AnswerDir != "" {
		local.Name = filepath.Join(c.AnswerDir, fmt.Sprintf("ptpwatch-%d.sock", os.Getpid()))
		if err := os.Remove(local.Name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("remove the socket of an agent before: %w", err)
		}
	}
	conn, err := net.DialUnix("unixgram", local, &net.UnixAddr{Net: "unixgram", Name: c.Socket})
	if err != nil {
		return nil, err // it names the sockets
	}
	if c.AnswerDir == "" {
		return conn, nil
	}
	return &fileConn{conn, local.Name}, nil
}

// fileConn removes the file of its socket when it is closed.
type fileConn struct {
	net.Conn
	name string
}

// Close implements net.Conn.
func (c *fileConn) Close() error { return cmp.Or(c.Conn.Close(), os.Remove(c.name)) }
