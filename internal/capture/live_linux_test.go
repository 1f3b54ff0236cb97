package capture

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func TestLiveHears(t *testing.T) {
	enterLab(t)
	cable(t, "left", "right")
	r := start(t, LiveOptions{Interfaces: []LiveInterface{{Name: "right"}}})
	r.link("right", LinkUp)
	newSender(t, "left").send(eth(0x88F7, message(ptp.Sync, 7)))
	got := r.receive(1)
	t.Logf("%+v", got[0])
	t.Logf("%+v", r.Stats())
	t.Logf("%+v", r.changes)
}
