//go:build linux && amd64

package main

import (
	"fmt"
	"io"
	"net/http"
	"os/exec"
)

// agent is ptpwatch on both NICs, with what its configuration says of the
// client's.
func agent(hwtstamp string) program {
	return program{
		name: "ptpwatch",
		args: []string{"/ptpwatch", "run", "--config", "/" + hwtstamp + ".yaml"},
		ready: condition{"ptpwatch listens", func() (bool, error) {
			_, err := get("/-/ready")
			return err == nil, nil
		}},
	}
}

// interfaces is what ptpwatch says of the NICs.
func interfaces() ([]byte, error) {
	return exec.Command("/ptpwatch", "interfaces", "--config", "/observe.yaml", "--format", "json").Output()
}

func get(path string) (string, error) {
	resp, err := http.Get("http://127.0.0.1:9588" + path)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return string(body), err
}
