package agent

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var slavePort = ptp.PortIdentity{ClockIdentity: 0xC0, PortNumber: 1}

// ptp4l answers GETs on a socket as linuxptp does: as port 0 of its clock.
type ptp4l struct {
	conn  *net.UnixConn
	edit  func(m *ptp.Message) []byte // what it sends for an answer; nil sends it
	asked chan ptp.Message
}

func newPTP4L(t *testing.T, edit func(*ptp.Message) []byte) (*ptp4l, string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "ptp4lro")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &ptp4l{conn: conn, edit: edit, asked: make(chan ptp.Message, 64)}
	go p.serve()
	return p, socket
}

func (p *ptp4l) serve() {
	b := make([]byte, 1500)
	for {
		n, from, err := p.conn.ReadFromUnix(b)
		if err != nil {
			return
		}
		var m ptp.Message
		if ptp.Decode(b[:n], &m) != nil {
			continue
		}
		for typ, value := range ptp.AllTLVs(m.TLVs) {
			tlv, _ := ptp.ParseTLV(typ, value)
			get := tlv.(*ptp.ManagementTLV)
			switch get.ManagementID {
			case 0x2001:
				get.Data = &ptp.CurrentDataSet{StepsRemoved: 1, OffsetFromMaster: -250 << 16, MeanPathDelay: 4000 << 16}
			case 0x2002:
				get.Data = &ptp.ParentDataSet{ParentPortIdentity: gm1}
			}
			p.answer(m, get, from)
		}
		m.TLVs = nil
		select {
		case p.asked <- m:
		default:
		}
	}
}

func (p *ptp4l) answer(m ptp.Message, tlv ptp.TLV, to *net.UnixAddr) {
	m.PortIdentity, m.SourcePortIdentity = m.SourcePortIdentity, ptp.PortIdentity{ClockIdentity: slavePort.ClockIdentity}
	m.Management.Action = ptp.ActionResponse
	m.TLVs = ptp.AppendTLV(nil, tlv)
	if p.edit == nil {
		p.conn.WriteToUnix(ptp.AppendMessage(nil, &m), to)
	} else if b := p.edit(&m); b != nil {
		p.conn.WriteToUnix(b, to)
	}
}

// Clients are only asked, with GETs that go no further, and what they answer is
// taken if it is the answer.
func TestAskClient(t *testing.T) {
	sound := func(m *ptp.Message) []byte { return ptp.AppendMessage(nil, m) }
	for _, tt := range []struct {
		name string
		edit func(m *ptp.Message) []byte
		want string // the error
	}{
		{"answered", sound, ""},
		{"not answered", func(*ptp.Message) []byte { return nil }, "no answer within"},
		{"to another question", func(m *ptp.Message) []byte { m.SequenceID++; return sound(m) }, "not a sound RESPONSE with 1"},
		{"with a question", func(m *ptp.Message) []byte { m.Management.Action = ptp.ActionGet; return sound(m) }, "GET with sequenceId 1"},
		{"cut short", func(m *ptp.Message) []byte { return sound(m)[:40] }, "decode the answer"},
		{"a TLV cut short", func(m *ptp.Message) []byte { b := sound(m); return b[:len(b)-2] }, "not a sound RESPONSE"},
		{"nonsense", func(*ptp.Message) []byte { return bytes.Repeat([]byte{0xFF}, 60) }, "decode the answer"},
		{"too long", func(*ptp.Message) []byte { return make([]byte, 9000) }, "decode the answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, socket := newPTP4L(t, tt.edit)
			answers, err := askClient(config.Client{Socket: socket, DomainNumber: 24, SdoID: 0x100})
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			if err == nil && len(answers) != 2 {
				t.Errorf("%d answers", len(answers))
			}
			m := <-p.asked
			if m.Type != ptp.ManagementMessage || m.Management != (ptp.Management{Action: ptp.ActionGet}) || m.DomainNumber != 24 || m.SdoID != 0x100 {
				t.Errorf("asked with %+v: want a GET with no hops, in domain 24 of sdoId 0x100", m)
			}
		})
	}
}

// The socket that is answered to is gone afterwards, and one that an agent left
// behind is no hindrance.
func TestAnswerDir(t *testing.T) {
	_, socket := newPTP4L(t, nil)
	c := config.Client{Socket: socket, AnswerDir: t.TempDir()}
	conn, err := dialClient(c)
	if err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(c.AnswerDir); len(files) != 1 {
		t.Errorf("%v, want a socket", files)
	}
	conn.(*fileConn).Conn.Close() // as if the agent were killed
	for range 2 {
		if answers, err := askClient(c); err != nil || len(answers) != 2 {
			t.Errorf("%v, %v", answers, err)
		}
	}
	if files, _ := os.ReadDir(c.AnswerDir); len(files) != 0 {
		t.Errorf("%v was left behind", files)
	}
	c.AnswerDir = filepath.Join(c.AnswerDir, "nowhere")
	if _, err := askClient(c); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// A running agent shows what the client on its host says beside the port that it
// hears, and counts; and it goes on when the socket goes.
func TestClients(t *testing.T) {
	p, socket := newPTP4L(t, nil)
	gone := filepath.Join(t.TempDir(), "nobody")
	c := loopback()
	c.Interfaces = []config.Interface{{Name: "eth0"}}
	c.Clients = []config.Client{{Socket: socket}, {Socket: gone}}
	w, s, reload, _ := startWith(t, c, func() (*config.Config, error) {
		next := loopback()
		next.Interfaces = c.Interfaces
		return next, nil
	})
	at := time.Now()
	claims := func() (list []analysis.ClaimView) {
		at = at.Add(time.Second)
		s.out <- event{&ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: slavePort}, at}
		s.beat(at)
		for _, d := range w.store.Load().View.Domains {
			for _, p := range d.Ports {
				list = append(list, p.Claims...)
			}
		}
		return list
	}
	wait := func(what string, met func() bool) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); !met(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %+v", what, w.store.Load().Sockets)
			}
		}
	}
	wait("no claim", func() bool { return len(claims()) > 0 })
	got := claims()[0]
	got.Count, got.Age = 0, 0
	want := analysis.ClaimView{Source: analysis.ClaimSocket, Master: gm1, Offset: -250e-9, HasOffset: true, MeanPathDelay: 4e-6, HasMeanPathDelay: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	stats := func() (list []export.ClientSocket) { return w.store.Load().Sockets }
	wait("not counted", func() bool {
		claims()
		for _, s := range stats() {
			if s.Socket == gone && s.Failed > 0 && s.Answered+s.Unheard == 0 {
				return true
			}
		}
		return false
	})
	p.conn.Close()
	answered := func() (s export.ClientSocket) {
		for _, s = range stats() {
			if s.Socket == socket {
				return s
			}
		}
		return s
	}
	wait("a socket that is gone", func() bool { claims(); return answered().Failed > 0 })
	reload <- syscall.SIGHUP
	wait("still asked after it was taken from the configuration", func() bool { claims(); return len(stats()) == 0 })
}

// The log hears of a client when it falls silent and when it answers again, and
// not every second; what is of a client no longer configured counts for nothing.
func TestClientLog(t *testing.T) {
	var out bytes.Buffer
	log := newThrottle(slog.New(slog.NewTextHandler(&out, nil)))
	client := config.Client{Socket: "/a"}
	c := newClients([]config.Client{client})
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	heard := true
	tell := func(err error, times int) {
		for range times {
			r := round{client: client, err: err}
			if err == nil {
				r.answers = []*ptp.Message{{}}
			}
			c.rounds <- r
			at = at.Add(time.Second)
			c.heed(at, log, func(*ptp.Message) bool { return heard })
		}
	}
	tell(errors.New("no answer"), stateTimes)
	tell(nil, 2)
	tell(errors.New("no answer"), stateTimes-1) // a hiccup
	tell(nil, 3)
	heard = false
	tell(nil, 5)
	c.rounds <- round{client: config.Client{Socket: "/b"}}
	c.heed(at, log, func(*ptp.Message) bool { return true })
	if diff := cmp.Diff([]export.ClientSocket{{Socket: "/a", Answered: 5, Unheard: 5, Failed: 9}}, c.stats()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if n := strings.Count(out.String(), "\n"); n != 3 {
		t.Errorf("%d lines, want 3:\n%s", n, out.String())
	}
	c.set(nil)
	if len(c.stats()) != 0 {
		t.Errorf("%+v after it was taken from the configuration", c.stats())
	}
}
