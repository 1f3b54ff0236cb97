package e2e

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// TestClientsClaim: what the clocks that take time say on their sockets is what
// they tell pmc, under the port by which the agent hears each take it; the one
// that gives time to all says nothing; and nothing is asked on the network.
func TestClientsClaim(t *testing.T) {
	t.Parallel()
	l := hold(t, "boundary")
	answers, err := os.MkdirTemp("", "answers") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(answers) })
	var list []string
	for _, c := range l.clocks {
		list = append(list, fmt.Sprintf("{socket: %s, domain: %d, answer_dir: %s}", c.socket, c.domain, answers))
	}
	l.watch(t, fmt.Sprintf("interfaces: [{name: %s}]\nclients: [%s]", strings.Join(l.hubs, "}, {name: "), strings.Join(list, ", ")))
	eventually(t, "what the receivers say of themselves", func() error { return l.claimsDiffer(t) })
	got, err := l.stored(t, `sum by (result) (ptpwatch_client_socket_answers_total{result!="unheard"}) or sum(ptpwatch_messages_total{message_type="management"})`)
	if err != nil {
		t.Fatal(err)
	}
	answered, failed := got[key("", label{"result", "answered"})], got[key("", label{"result", "failed"})]
	if answered < 2 || failed > answered || got[key("")] != 0 || len(got) != 3 {
		t.Errorf("%v: want answers, and no management message on the network", got)
	}
}

// claimsDiffer says which claim is missing, is there too many, or is not what its
// clock tells pmc a moment before or after. That moment may be long on a busy
// machine, and so the delay, which each exchange moves, is given as much room as
// what is measured by software stamps.
func (l *lab) claimsDiffer(t *testing.T) error {
	const margin = 1e-3 // seconds
	_, receivers, err := l.asked(t, "")
	if err != nil {
		return err
	}
	got, err := l.stored(t, `{__name__=~"ptpwatch_client_claimed_.*"}`)
	if err != nil {
		return err
	}
	for _, r := range receivers {
		labels := append(r.scope(), label{"port", r.dataset["portIdentity"]}, label{"source", "socket"})
		for family, field := range map[string]string{
			"client_claimed_offset_seconds": "offsetFromMaster", "client_claimed_mean_path_delay_seconds": "meanPathDelay",
		} {
			claimed, ok := got[key(family, labels...)]
			told := r.clock.current.number(field) * 1e-9
			if !ok || !(math.Abs(claimed-told) < margin) {
				return fmt.Errorf("%s of %s is %v, by its own word %v; all: %v", family, r.dataset["portIdentity"], cmp.Or(fmt.Sprint(claimed), "absent"), told, got)
			}
			if claimed == 0 {
				return fmt.Errorf("%s of %s is exactly 0", family, r.dataset["portIdentity"])
			}
			delete(got, key(family, labels...))
		}
	}
	if len(got) > 0 {
		return fmt.Errorf("nobody said %v", got)
	}
	return nil
}
