package agent

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/config"
)

func loopback() *config.Config {
	c := config.Default(Alerts())
	c.Listen = "127.0.0.1:0"
	return c
}

func TestDemoServesTrueNumbers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- Demo(ctx, DemoOptions{
			Config: loopback(), Log: slog.New(slog.DiscardHandler), OnReady: func(a string) { address <- a },
		})
	}()
	url := fmt.Sprintf("http://%s/metrics", <-address)
	const want = `ptpwatch_grandmaster_best{domain="0",grandmaster="025054.fffe.000001",network="eth0",sdo_id="0x000"} 1`
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		page := get(t, url)
		if strings.Contains(page, want) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 10 s the page lacks %s:\n%s", want, page)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Demo: %v", err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(page)
}

func TestDemoOnAPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := loopback()
	c.Listen = taken.Addr().String()
	err = Demo(t.Context(), DemoOptions{Config: c, Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "listen on "+c.Listen) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("error %v, want one that names %s and that it is in use", err, c.Listen)
	}
}

// What the demo shows is what the recording holds: moving it in time changes
// no delay and no finding.
func TestLaterChangesNothingButTime(t *testing.T) {
	messages, err := load(recording)
	if err != nil {
		t.Fatal(err)
	}
	const by = 1000 * time.Hour
	for i := range messages {
		o := &messages[i]
		moved := later(o, by)
		if got := moved.At.Sub(o.At); got != by {
			t.Fatalf("message %d moved by %s, want %s", i, got, by)
		}
		back := later(&moved, -by)
		if diff := cmp.Diff(o.Message, back.Message); diff != "" {
			t.Fatalf("message %d (-was +came back):\n%s", i, diff)
		}
		if !o.Message.Timestamp.Empty() {
			was, is := o.Stamp.Sub(o.Message.Timestamp.Time()), moved.Stamp.Sub(moved.Message.Timestamp.Time())
			if was != is {
				t.Fatalf("message %d: stamp minus origin was %s, is %s", i, was, is)
			}
		}
	}
}
