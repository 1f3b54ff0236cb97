package agent

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// tellHealth tells the analysis how capture fares, and the agent itself.
func (w *watcher) tellHealth(at time.Time) {
	counts := make(map[string]packet.CaptureStats)
	for _, s := range w.live.Stats() {
		counts[s.Interface] = s
	}
	for _, s := range w.live.States() {
		if s.Link == "" {
			continue // it was not looked at yet
		}
		w.tracker.HandleHealth(analysis.Health{
			Interface: s.Interface, Up: s.Link == capture.LinkUp, Gone: s.Link == capture.LinkGone, Fault: s.Fault,
			NoStamps: s.Warning, Frames: counts[s.Interface].Frames, Drops: counts[s.Interface].Drops,
		}, at, w.find)
	}
	w.tracker.HandleTroubles(append(w.memory.troubles(), w.evidenceTroubles()...), at, w.find)
}

// forgetInterfaces ends what is told of interfaces that are no longer listened
// to.
func (w *watcher) forgetInterfaces(before []capture.LiveInterface, at time.Time) {
	now := make(map[string]bool)
	for _, i := range interfaces(w.config) {
		now[i.Name] = true
	}
	for _, i := range before {
		if !now[i.Name] {
			w.tracker.ForgetInterface(i.Name, at, w.find)
		}
	}
}
