package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/audit"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/evidence"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// RunOptions say what the agent listens to and whom it tells.
type RunOptions struct {
	Config *config.Config
	Log    *slog.Logger
	// Reload asks for the configuration to be read again, by Load.
	Reload <-chan os.Signal
	Load   func() (*config.Config, error)

	OnReady func(addr string) // called once metrics are served; may be nil
}

// ErrNoInterface says that the configuration names nothing to listen to.
var ErrNoInterface = errors.New("no interface to listen to: name one with -i, or under interfaces: in the configuration")

// Run is the agent: it listens to the configured interfaces and serves what it
// makes of them until ctx ends.
func Run(ctx context.Context, o RunOptions) error {
	m, err := openMemory(o.Config, o.Log, time.Now())
	if err != nil {
		return err
	}
	live, err := listen(o.Config, o.Log, wantsEvidence(o.Config))
	if err != nil {
		return errors.Join(err, m.close())
	}
	return errors.Join(newWatcher(live, m, o).run(ctx), live.Close())
}

// listen opens the configured interfaces. With frames it keeps the octets of
// each message's frame.
func listen(c *config.Config, log *slog.Logger, frames bool) (*capture.Live, error) {
	if len(c.Interfaces) == 0 {
		return nil, ErrNoInterface
	}
	links := newLinkLog(log)
	return capture.OpenLive(capture.LiveOptions{
		Interfaces: interfaces(c), Naming: naming(c), KeepFrames: frames, OnChange: links.changed, OnSet: links.set,
	})
}

// watcher is a running agent.
type watcher struct {
	*engine
	options    RunOptions
	config     *config.Config
	live       source
	supervisor *supervisor
	memory     *memory
	noted      noted
	clocks     *clockReader
	recorder   *audit.Recorder
	control    *control           // nil where operators cannot be heard
	evidence   *evidence.Recorder // nil where none is kept
	clients    *clients
}

func newWatcher(live source, m *memory, o RunOptions) *watcher {
	w := &watcher{
		options: o, config: o.Config, live: live, supervisor: newSupervisor(o.Log), memory: m, recorder: audit.NewRecorder(held(o.Config)),
		clocks: newClockReader(live.ReadClocks, o.Log), clients: newClients(o.Config.Clients),
	}
	w.engine = &engine{
		tracker: m.newTracker(liveSettings(o.Config)), store: &export.Store{}, log: newThrottle(o.Log), note: w.note,
		stats: live.Stats, interfaces: w.interfaces, memory: m.stats, evidenced: w.evidenceStats, sockets: w.clients.stats, reload: export.Reload{LastSuccess: time.Now()},
	}
	if wantsEvidence(o.Config) {
		w.evidence = w.newRecorder()
	}
	if path := o.Config.ControlSocket; path != "" {
		var err error
		if w.control, err = listenControl(path, m, o.Log); err != nil {
			o.Log.Error("operators cannot be heard", "error", err)
		}
	}
	return w
}

func (w *watcher) run(ctx context.Context) error {
	end := w.memory.start()
	endEvidence := w.startEvidence()
	now := time.Now()
	w.recordStart(now)
	w.recordConfig(now)
	w.resume(now)
	w.restartEvidence(now)
	err := serve(ctx, w.engine, w.config, w.options.Log, w.ready, w.announce, func(ctx context.Context) error {
		defer context.AfterFunc(ctx, w.supervisor.stopping)()
		ctx, cancel := context.WithCancelCause(ctx)
		var beside sync.WaitGroup
		beside.Go(func() { w.clocks.run(ctx) })
		if w.control != nil {
			beside.Go(func() { w.control.run(ctx) })
		}
		beside.Go(func() { w.clients.run(ctx) })
		err := pump(ctx, w.live, w.handle, w.beat)
		cancel(errors.New("the agent is ending"))
		beside.Wait()
		return err
	})
	now = time.Now()
	err = errors.Join(err, endEvidence(now))
	w.remember(now, true)
	w.recordQuarters(w.recorder.Close())
	w.recordStop(now, err)
	return errors.Join(err, end())
}

// handle keeps a message's frame before the message is judged.
func (w *watcher) handle(o *packet.Observation) {
	if w.evidence != nil {
		w.evidence.Observe(o, w.live.Frame())
	}
	w.engine.handle(o)
}

// beat is called every second, however silent it is. What keeps the watchdog
// quiet is that it has come all the way here from capture.
func (w *watcher) beat(at time.Time) {
	w.tellHealth(at)
	for readings := w.clocks.next(); readings != nil; readings = w.clocks.next() {
		for _, r := range readings {
			w.tracker.HandleClock(r)
		}
	}
	w.clients.heed(at, w.log, func(m *ptp.Message) bool { return w.tracker.HandleAnswer(m, at, w.find) })
	w.tick(at)
	w.audit(at)
	if w.evidence != nil {
		w.evidence.Tick(at)
	}
	w.supervisor.beat()
	select {
	case <-w.options.Reload:
		w.reconfigure(at)
	default:
	}
	w.answer(at)
	w.remember(at, false)
}

// reconfigure reads the configuration again. A bad one changes nothing.
func (w *watcher) reconfigure(at time.Time) {
	w.supervisor.reloading()
	defer w.supervisor.ready()
	err := w.adopt(at)
	w.recordReload(at, err)
	if err != nil {
		w.reload.Failed = true
		for _, reason := range reasons(err) {
			w.options.Log.Error("configuration not reloaded, the one before stays in force", "error", reason)
		}
	} else {
		w.recordConfig(at)
		w.reload = export.Reload{LastSuccess: time.Now()}
		w.options.Log.Info("configuration reloaded")
	}
	w.publish()
}

// adopt puts the configuration in force as it is now, or leaves all as it is.
func (w *watcher) adopt(at time.Time) error {
	c, err := w.options.Load()
	if err != nil {
		return err
	}
	if len(c.Interfaces) == 0 {
		return ErrNoInterface
	}
	if err := w.live.Reconfigure(interfaces(c)); err != nil {
		return err
	}
	if fixedOf(c) != fixedOf(w.config) {
		w.options.Log.Warn("listen, web_config_file, log, state_dir, control_socket, journal and evidence are read at the start only")
	}
	for _, warning := range c.Warnings {
		w.options.Log.Warn("configuration", "warning", warning)
	}
	before := interfaces(w.config)
	w.config = c
	w.clients.set(c.Clients)
	w.live.SetNaming(naming(c))
	w.configure(at)
	w.forgetInterfaces(before, at)
	return nil
}

// configure puts the configuration in force in the analysis.
func (w *watcher) configure(at time.Time) {
	w.memory.saved.Baselines = w.tracker.Baselines()
	w.tracker.Reconfigure(w.memory.configure(liveSettings(w.config)), at, w.find)
	w.restartEvidence(at)
}

// fixed is what a reload does not change.
type fixed struct {
	listen, webConfigFile string
	log                   config.Log
	stateDir, socket      string
	journal               config.Journal
	evidence              config.Evidence
}

func fixedOf(c *config.Config) fixed {
	return fixed{c.Listen, c.WebConfigFile, c.Log, c.StateDir, c.ControlSocket, c.Journal, c.Evidence}
}

// reasons are the mistakes of a configuration, each worth a line in the log.
func reasons(err error) []error {
	problems, ok := errors.AsType[config.Problems](err)
	if !ok {
		return []error{err}
	}
	list := make([]error, len(problems))
	for i, p := range problems {
		list[i] = p
	}
	return list
}

// ready says which interface keeps the agent from seeing its network.
func (w *watcher) ready() error {
	for _, s := range w.live.States() {
		switch s.Link {
		case capture.LinkUp:
		case "":
			return fmt.Errorf("interface %s was not looked at yet", s.Interface)
		default:
			return fmt.Errorf("interface %s is %s", s.Interface, s.Link)
		}
	}
	return nil
}

func (w *watcher) announce(addr string) {
	w.supervisor.ready()
	if w.options.OnReady != nil {
		w.options.OnReady(addr)
	}
}

func (w *watcher) interfaces() []export.Interface {
	states := w.live.States()
	out := make([]export.Interface, len(states))
	for i, s := range states {
		out[i] = export.Interface{Name: s.Interface, Up: s.Link == capture.LinkUp, HardwareTimestamping: s.Hardware}
	}
	return out
}
