package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// control takes operators' acts on a Unix socket, a JSON object and a line each
// way, one connection after the other. The goroutine that owns the analysis
// carries them out.
type control struct {
	listener *net.UnixListener
	memory   *memory
	log      *slog.Logger
	acts     chan *act
}

// act is a request on its way to the analysis.
type act struct {
	request BaselineRequest
	done    chan outcome
}

// outcome is what became of it, and the number of the baselines to wait for.
type outcome struct {
	response BaselineResponse
	saved    uint64
}

// peer is who asks.
type peer struct {
	UID  uint32 `json:"uid"`
	User string `json:"user,omitempty"`
	PID  int32  `json:"pid"`
}

const (
	askingTime  = 5 * time.Second // to send a request
	actingTime  = 10 * time.Second
	maxRequest  = 64 << 10
	maxResponse = 64 << 20
)

// listenControl opens the socket, for this user and root alone.
func listenControl(path string, m *memory, log *slog.Logger) (*control, error) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if errors.Is(err, syscall.EADDRINUSE) {
		if c, dialErr := net.Dial("unix", path); dialErr == nil {
			c.Close()
			return nil, fmt.Errorf("control_socket %s: another agent answers on it", path)
		}
		if err = os.Remove(path); err == nil { // of one that was killed
			l, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		}
	}
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		if l != nil {
			l.Close()
		}
		return nil, fmt.Errorf("control_socket %s: %w", path, err)
	}
	return &control{listener: l, memory: m, log: log, acts: make(chan *act)}, nil
}

// run answers until ctx ends.
func (c *control) run(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { c.listener.Close() })()
	for {
		conn, err := c.listener.AcceptUnix()
		if err != nil {
			if ctx.Err() == nil {
				c.log.Error("operators can no longer be heard", "error", err)
			}
			return
		}
		if err := c.serve(ctx, conn); err != nil {
			c.log.Warn("an operator was not answered", "error", err)
		}
	}
}

// serve takes one request.
func (c *control) serve(ctx context.Context, conn *net.UnixConn) error {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(askingTime))
	who, err := peerOf(conn)
	if err != nil {
		return err
	}
	var response BaselineResponse
	switch request, err := readRequest(conn); {
	case who.UID != 0 && int(who.UID) != os.Geteuid():
		response.Error = fmt.Sprintf("user %d may not: only the agent's own, %d, and root may", who.UID, os.Geteuid())
	case err != nil:
		response.Error = err.Error()
	default:
		response = c.carryOut(ctx, request, who)
	}
	_ = conn.SetDeadline(time.Now().Add(askingTime))
	return json.NewEncoder(conn).Encode(response)
}

func readRequest(r io.Reader) (BaselineRequest, error) {
	var request BaselineRequest
	line, err := bufio.NewReader(io.LimitReader(r, maxRequest)).ReadBytes('\n')
	if err != nil {
		return request, fmt.Errorf("read the request: %w", err)
	}
	d := json.NewDecoder(strings.NewReader(string(line)))
	d.DisallowUnknownFields()
	if err := d.Decode(&request); err != nil {
		return request, fmt.Errorf("read the request: %w", err)
	}
	switch {
	case request.Act == ListBaselines:
	case request.Act != AcceptBaselines && request.Act != ResetBaselines:
		return request, fmt.Errorf("act %q: accepted: %s, %s, %s", request.Act, ListBaselines, AcceptBaselines, ResetBaselines)
	case strings.TrimSpace(request.Reason) == "":
		return request, fmt.Errorf("%s: a reason is required", request.Act)
	}
	return request, nil
}

// acted is the journal's record of an act.
type acted struct {
	BaselineRequest
	By      peer             `json:"by"`
	Changes []BaselineChange `json:"changes"`
	Error   string           `json:"error,omitempty"`
}

// carryOut has a request carried out. What changes something is on record and
// saved by the time it returns, or the response says that it is not.
func (c *control) carryOut(ctx context.Context, r BaselineRequest, who peer) BaselineResponse {
	ctx, cancel := context.WithTimeoutCause(ctx, actingTime, errors.New("the agent did not get to it in time"))
	defer cancel()
	m := c.memory
	changes := r.Act != ListBaselines
	if changes && m.journal != nil {
		if fault := m.journal.Stats().Fault; fault != "" {
			return BaselineResponse{Error: "not done, for it cannot be recorded: " + fault}
		}
	}
	a := &act{r, make(chan outcome, 1)}
	select {
	case c.acts <- a:
	case <-ctx.Done():
		return BaselineResponse{Error: context.Cause(ctx).Error()}
	}
	var o outcome
	select {
	case o = <-a.done:
	case <-ctx.Done():
		return BaselineResponse{Error: "it may or may not be done: " + context.Cause(ctx).Error()}
	}
	if !changes {
		return o.response
	}
	if u, err := user.LookupId(strconv.FormatUint(uint64(who.UID), 10)); err == nil {
		who.User = u.Username
	}
	c.log.Warn("baselines changed by an operator", "act", r.Act, "reason", r.Reason, "uid", who.UID, "user", who.User,
		"scopes", len(o.response.Changes), "error", o.response.Error)
	if err := c.keep(ctx, acted{r, who, o.response.Changes, o.response.Error}, o.saved); err != nil {
		o.response.Error = strings.TrimPrefix(o.response.Error+"\n", "\n") + "done, but not kept: " + err.Error()
	}
	return o.response
}

// keep returns when an act is on record and what it changed is saved.
func (c *control) keep(ctx context.Context, a acted, saved uint64) error {
	if c.memory.journal == nil {
		return nil
	}
	return errors.Join(
		c.memory.journal.Commit(ctx, time.Now(), journal.Act, a),
		c.memory.baselines.wait(ctx, saved),
	)
}
