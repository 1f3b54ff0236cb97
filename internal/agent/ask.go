package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"syscall"
)

// AskBaseline asks the agent that listens on a Unix socket.
func AskBaseline(ctx context.Context, socket string, r BaselineRequest) (*BaselineResponse, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("no agent listens on %s: is \"ptpwatch run\" running, with this state_dir or control_socket?", socket)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: only the agent's own user and root may ask it", err)
	case err != nil:
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return nil, fmt.Errorf("ask the agent: %w", err)
	}
	var response BaselineResponse
	if err := json.NewDecoder(io.LimitReader(conn, maxResponse)).Decode(&response); err != nil {
		return nil, fmt.Errorf("the agent's answer: %w", err)
	}
	return &response, nil
}
