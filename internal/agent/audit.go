package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/compliance"
	"github.com/ptpwatch/ptpwatch/internal/audit"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// held are the domains that a configuration holds to a rule.
func held(c *config.Config) []audit.Held {
	var list []audit.Held
	for _, d := range c.Domains {
		p, ok := compliance.Lookup(d.Compliance)
		if !ok {
			continue
		}
		h := audit.Held{Network: d.Network, Domain: d.DomainNumber, SdoID: d.SdoID, Profile: p.Name, Limit: d.ComplianceLimit}
		if h.Limit == 0 {
			h.Limit = p.Default()
		}
		list = append(list, h)
	}
	return list
}

// audit has what was watched and measured recorded.
func (w *watcher) audit(at time.Time) {
	if w.memory.journal == nil {
		return
	}
	drops := map[string]uint64{}
	for _, s := range w.live.Stats() {
		drops[s.Interface] = s.Drops
	}
	var ears []audit.Ear
	for _, s := range w.live.States() {
		ears = append(ears, audit.Ear{Interface: s.Interface, Blind: s.Link == "" || w.tracker.Blind(s.Interface), Drops: drops[s.Interface]})
	}
	w.recordQuarters(w.recorder.Look(at, w.store.Load().View, ears))
}

func (w *watcher) recordQuarters(list []audit.Quarter) {
	for i := range list {
		w.memory.record(list[i].To, journal.Quarter, &list[i])
	}
}

// recordConfig has the configuration that is in force from now on recorded.
// What was measured before is of the one before.
func (w *watcher) recordConfig(at time.Time) {
	if w.memory.journal == nil {
		return
	}
	w.recordQuarters(w.recorder.Close())
	w.recorder.Hold(held(w.config))
	var text strings.Builder
	if err := w.config.Write(&text); err != nil {
		w.options.Log.Error("the configuration is not on record", "error", err)
		return
	}
	sum := sha256.Sum256([]byte(text.String()))
	w.memory.record(at, journal.Config, audit.Configuration{SHA256: hex.EncodeToString(sum[:]), Text: text.String()})
}
