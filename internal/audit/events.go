package audit

import (
	"fmt"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// What the agent's other records hold, as far as it is reported.
type (
	started struct {
		Version    string   `json:"version"`
		Interfaces []string `json:"interfaces"`
	}
	stopped struct {
		Error string `json:"error"`
	}
	reloaded struct {
		Accepted bool     `json:"accepted"`
		Errors   []string `json:"errors"`
	}
	acted struct {
		Act    string `json:"act"`
		Reason string `json:"reason"`
		By     struct {
			UID  uint32 `json:"uid"`
			User string `json:"user"`
		} `json:"by"`
		Changes []struct {
			Network string   `json:"network"`
			Domain  uint8    `json:"domain"`
			SdoID   string   `json:"sdo_id"`
			Before  []string `json:"before"`
			After   []string `json:"after"`
		} `json:"changes"`
		Error string `json:"error"`
	}
	event struct {
		Event string `json:"event"`
		Alert
	}
	evidence struct {
		Event  string        `json:"event"`
		File   string        `json:"file"`
		SHA256 *journal.Hash `json:"sha256"`
	}
	lost struct {
		Records uint64 `json:"records"`
	}
)

func (r *reader) start(at time.Time, s *started) {
	if n := len(r.Runs); n > 0 && r.running {
		r.Runs[n-1].Killed = true
		r.Runs[n-1].Stop = at // at the latest
	}
	r.running = true
	r.Runs = append(r.Runs, Run{Start: at, Version: s.Version, Interfaces: s.Interfaces})
}

func (r *reader) stop(at time.Time, s *stopped) {
	if n := len(r.Runs); n > 0 && r.running {
		r.Runs[n-1].Stop, r.Runs[n-1].Error = at, s.Error
	}
	r.running = false
}

func (r *reader) config(at time.Time, c Configuration) {
	r.Configs = append(r.Configs, ConfigAt{at, c})
}

func (r *reader) reload(at time.Time, l *reloaded) {
	if !r.during(at) {
		return
	}
	a := Act{At: at, Act: "reload", Accepted: "accepted"}
	if !l.Accepted {
		a.Accepted, a.Error = "refused", strings.Join(l.Errors, "; ")
	}
	r.Acts = append(r.Acts, a)
}

func (r *reader) act(at time.Time, a *acted) {
	if !r.during(at) {
		return
	}
	by := a.By.User
	if by == "" {
		by = fmt.Sprintf("uid %d", a.By.UID)
	}
	var changes []string
	for _, c := range a.Changes {
		changes = append(changes, fmt.Sprintf("%s/%d/%s: %s, before %s", c.Network, c.Domain, c.SdoID, list(c.After), list(c.Before)))
	}
	r.Acts = append(r.Acts, Act{At: at, Act: "baseline " + a.Act, By: by, Reason: a.Reason, Error: a.Error, Changes: strings.Join(changes, "; ")})
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, " ")
}

func (r *reader) evidence(at time.Time, e *evidence) {
	if r.during(at) && e.Event != "removed" && e.SHA256 != nil {
		r.Evidence = append(r.Evidence, Evidence{at, e.File, e.SHA256.String()})
	}
}

// key tells alerts apart.
func (a *Alert) key() string {
	domain := ""
	if a.Domain != nil {
		domain = fmt.Sprint(*a.Domain)
	}
	return strings.Join([]string{a.Raised.UTC().Format(time.RFC3339Nano), a.Alert, a.Network, domain, a.SdoID, a.Grandmaster, a.Port, a.Interface}, "|")
}

// event takes in alerts; of one that is told again, what it is then.
func (r *reader) event(e *event) {
	switch {
	case e.Event != "raised" && e.Event != "resolved", e.Alert.Alert == "":
		return
	case !e.Raised.Before(r.To):
		return
	case !e.Resolved.IsZero() && e.Resolved.Before(r.From):
		delete(r.alerts, e.key())
		return
	}
	if !e.Resolved.Before(r.To) {
		e.Resolved = time.Time{} // it held at the end of the period
	}
	a := e.Alert
	r.alerts[a.key()] = &a
}
