package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/journal"
	"github.com/ptpwatch/ptpwatch/internal/state"
)

// memory is what a running agent has on the disk: what was learned, where the
// analysis was, and the journal. Without a state_dir it has nothing and forgets
// all.
type memory struct {
	log       *slog.Logger
	dir       *state.Dir
	baselines *saver // these three are nil without dir
	tracker   *saver
	journal   *journal.Journal
	unusable  error // why there is no dir though there should be

	saved   savedBaselines
	resumed *analysis.State // to go on from; nil is from nothing
	damage  error           // why saved.Distrust is set
}

// savedBaselines is what the file of baselines holds.
type savedBaselines struct {
	// Distrust says that an earlier file was damaged: what it held is lost, and
	// what is heard is not to be trusted in its place until an operator does.
	Distrust  bool                `json:"distrust"`
	Baselines []analysis.Baseline `json:"baselines"`
}

// savedTracker is what the file of the analysis holds.
type savedTracker struct {
	State *analysis.State `json:"state"`
}

// The files, and the versions of them that this program writes and reads.
const (
	baselinesFile, baselinesVersion = "baselines.json", 1
	trackerFile, trackerVersion     = "tracker.json", analysis.StateVersion
	journalFolder                   = "journal"
)

// openMemory reads what there is at the given time. That there is nothing, or
// that it cannot be read, is no error; that another agent uses it is.
func openMemory(c *config.Config, log *slog.Logger, now time.Time) (*memory, error) {
	m := &memory{log: log}
	if c.StateDir == "" {
		return m, nil
	}
	_, statErr := os.Stat(c.StateDir)
	dir, err := state.Open(c.StateDir)
	if err != nil {
		err = fmt.Errorf("state_dir %w", err)
	}
	switch {
	case errors.Is(err, state.ErrInUse):
		return nil, err
	case err != nil:
		log.Error("nothing can be kept: what is learned ends with this run, and there is no journal", "error", err)
		m.unusable = err
		if !errors.Is(statErr, fs.ErrNotExist) {
			m.distrust(err)
		}
		return m, nil
	}
	m.dir = dir
	m.baselines = newSaver(dir.File(baselinesFile, baselinesVersion), log)
	m.tracker = newSaver(dir.File(trackerFile, trackerVersion), log)
	m.journal = journal.New(journal.Options{
		Dir: filepath.Join(dir.Path(), journalFolder), MaxAge: c.Journal.MaxAge, MaxBytes: c.Journal.MaxBytes,
	}, log)
	m.readBaselines(now)
	m.readTracker(now)
	return m, nil
}

// distrust takes note that what was learned before is lost.
func (m *memory) distrust(why error) {
	m.saved, m.damage = savedBaselines{Distrust: true}, why
	m.log.Error("what was learned is lost: nothing that is heard is pinned until it is accepted with \"ptpwatch baseline accept\"", "error", why)
}

func (m *memory) readBaselines(now time.Time) {
	file := m.baselines.file
	switch err := file.Read(&m.saved); {
	case errors.Is(err, fs.ErrNotExist):
		m.saved = savedBaselines{}
	case err != nil:
		m.distrust(err)
		m.setAside(file, now)
		m.baselines.put(m.saved) // so that the next start knows, too
	case m.saved.Distrust:
		m.distrust(fmt.Errorf("%s: the file before it was damaged, and not all was accepted anew", file.Path()))
	}
}

func (m *memory) setAside(file state.File, now time.Time) {
	name, err := file.SetAside(now)
	if err != nil {
		m.log.Error("a damaged file is not kept", "error", err)
		return
	}
	m.log.Warn("a damaged file is kept under another name", "file", name)
}

// staleAfter is how long ago an agent may have ended for the next one to go on
// where it was. It is when the analysis forgets who is silent.
const staleAfter = analysis.DefaultForgetAfter

func (m *memory) readTracker(now time.Time) {
	file := m.tracker.file
	var saved savedTracker
	switch err := file.Read(&saved); {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		m.log.Warn("the agent does not go on where it was", "error", err)
		m.setAside(file, now)
		return
	case saved.State == nil || saved.State.At.IsZero():
		return
	}
	pause := now.Sub(saved.State.At)
	if pause > staleAfter || pause < -time.Second {
		m.log.Info("the agent does not go on where it was: that is too long ago, or to come", "then", saved.State.At)
		return
	}
	saved.State.Pause(pause)
	m.agree(saved.State)
	m.resumed = saved.State
}

// agree makes a State one that goes with the baselines, which are what counts: a
// scope that it takes for pinned without one is left out, so that it is learned
// as if it had never been heard.
func (m *memory) agree(s *analysis.State) {
	out := map[analysis.Scope]bool{}
	s.Domains = slices.DeleteFunc(s.Domains, func(d analysis.DomainState) bool {
		i := slices.IndexFunc(m.saved.Baselines, func(b analysis.Baseline) bool { return b.Scope == d.Scope })
		out[d.Scope] = i < 0 && (d.Learned.State == analysis.StatePinned || m.saved.Distrust)
		return out[d.Scope]
	})
	for i := range s.Domains {
		d := &s.Domains[i]
		for _, b := range m.saved.Baselines {
			if b.Scope == d.Scope {
				d.Learned = analysis.LearnedState{
					State: analysis.StatePinned, Pinned: b.Pinned, Grandmasters: b.Grandmasters, Senders: b.Senders,
				}
			}
		}
	}
	s.Alerts = slices.DeleteFunc(s.Alerts, func(a analysis.AlertState) bool { return out[a.Alert.Scope] })
}

// configure adds what was learned before to the settings of the analysis.
func (m *memory) configure(s analysis.Config) analysis.Config {
	s.Baselines, s.Distrust = m.saved.Baselines, m.saved.Distrust
	return s
}

// newTracker is the analysis that goes on where the last one was, if it can.
func (m *memory) newTracker(s analysis.Config) *analysis.Tracker {
	s = m.configure(s)
	if m.resumed == nil {
		return analysis.New(s)
	}
	t, err := analysis.Resume(s, m.resumed)
	if err != nil {
		m.log.Warn("the agent does not go on where it was", "error", err)
		m.resumed = nil
		return analysis.New(s)
	}
	return t
}

// close lets go of the folder.
func (m *memory) close() error {
	if m.dir == nil {
		return nil
	}
	return m.dir.Close()
}

// start runs what writes to the disk until stop is called, which lets it write
// what it was given.
func (m *memory) start() (stop func() error) {
	if m.dir == nil {
		return m.close
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var err error
	wg.Go(func() { m.baselines.run(ctx) })
	wg.Go(func() { m.tracker.run(ctx) })
	wg.Go(func() { err = m.journal.Run(ctx) })
	return func() error {
		cancel()
		wg.Wait()
		return errors.Join(err, m.close())
	}
}

// head is what is in the journal for certain; zero where there is none.
func (m *memory) head() journal.Head {
	if m.journal == nil {
		return journal.Head{}
	}
	return m.journal.Stats().Head
}

// record has something written to the journal.
func (m *memory) record(at time.Time, kind journal.Kind, data any) {
	if m.journal != nil {
		m.journal.Post(at, kind, data)
	}
}

// troubles are what keeps the memory from being one.
func (m *memory) troubles() []analysis.Trouble {
	var list []analysis.Trouble
	if m.damage != nil {
		list = append(list, analysis.Trouble{
			Reason: "state_damaged", Expected: "what was learned, as it was saved", Observed: m.damage.Error(),
		})
	}
	fault := m.unusable
	if m.dir != nil {
		fault = errors.Join(m.baselines.failing(), m.tracker.failing())
	}
	if fault != nil {
		list = append(list, analysis.Trouble{
			Reason: "state_unwritable", Expected: "what is learned is saved", Observed: fault.Error(),
		})
	}
	if m.journal != nil {
		if s := m.journal.Stats(); s.Fault != "" {
			list = append(list, analysis.Trouble{
				Reason: "journal_unwritable", Expected: "what happens is on record", Observed: s.Fault,
			})
		}
	}
	return list
}

// stats is how it fares; nil where nothing is kept.
func (m *memory) stats() *export.Memory {
	if m.dir == nil {
		return nil
	}
	j, b, t := m.journal.Stats(), m.baselines.counts(), m.tracker.counts()
	return &export.Memory{
		JournalRecords: j.Records, JournalLost: j.Lost, JournalErrors: j.Errors, JournalBytes: j.Bytes,
		Saves: b.Done + t.Done, SaveErrors: b.Failed + t.Failed,
	}
}
