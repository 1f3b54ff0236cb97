//go:build linux

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/ptpwatch/ptpwatch/test/hardware"
)

const agentURL = "http://127.0.0.1:9588"

// startAgent runs ptpwatch on both NICs and waits until it listens.
// hwtstamp is what the configuration says of the client's.
func startAgent(hwtstamp string) (*process, error) {
	const file = "/run/ptpwatch.yaml"
	config := fmt.Sprintf("listen: 127.0.0.1:9588\ninterfaces:\n  - name: %s\n    hwtstamp: %s\n  - name: %s\n",
		hardware.ClientNIC, hwtstamp, hardware.GrandmasterNIC)
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return nil, err
	}
	p, err := start("ptpwatch", "/ptpwatch", "run", "--config", file)
	if err != nil {
		return nil, err
	}
	return p, waitFor(20*time.Second, "a ready agent", func() (bool, error) {
		_, err := get("/-/ready")
		return err == nil, nil
	})
}

func get(path string) (string, error) {
	resp, err := http.Get(agentURL + path)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, body)
	}
	return string(body), err
}
