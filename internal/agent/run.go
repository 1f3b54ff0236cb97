package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// RunOptions say what the agent listens to and whom it tells.
type RunOptions struct {
	Config *config.Config
	Log    *slog.Logger
	// Reload asks for the configuration to be read again, by Load.
	Reload <-chan struct{}
	Load   func() (*config.Config, error)

	OnReady func(addr string) // called once metrics are served; may be nil
}

// Run is the agent: it listens to the configured interfaces and serves what it
// makes of them until ctx ends.
func Run(ctx context.Context, o RunOptions) error {
	if len(o.Config.Interfaces) == 0 {
		return errors.New("no interface to listen to: name one with -i, or under interfaces: in the configuration")
	}
	w := &watcher{options: o, config: o.Config, supervisor: newSupervisor(o.Log)}
	live, err := capture.OpenLive(capture.LiveOptions{
		Interfaces: interfaces(o.Config), Naming: naming(o.Config), OnChange: w.changed,
	})
	if err != nil {
		return err
	}
	w.live = live
	w.engine = &engine{
		tracker: analysis.New(settings(o.Config)), store: &export.Store{}, log: newThrottle(o.Log),
		stats: live.Stats, interfaces: w.interfaces, reload: export.Reload{LastSuccess: time.Now()},
	}
	return errors.Join(serve(ctx, w.engine, o.Config, o.Log, w.ready, w.announce, w.work), live.Close())
}

// watcher is a running agent.
type watcher struct {
	*engine
	options    RunOptions
	config     *config.Config
	live       *capture.Live
	supervisor *supervisor
}

// work captures in one goroutine and analyses in another.
func (w *watcher) work(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var capturing sync.WaitGroup
	var err error
	capturing.Go(func() { err = w.live.Run(ctx) })
	w.analyse()
	cancel()
	capturing.Wait()
	w.supervisor.stopping()
	return err
}

// analyse handles every message until capture ends. A source beats every
// second even when all is silent, and what keeps the watchdog quiet is that
// the beat has come all the way here.
func (w *watcher) analyse() {
	var o packet.Observation
	for {
		message, err := w.live.Next(&o)
		if err != nil {
			return
		}
		if message {
			w.handle(&o)
			continue
		}
		w.tick(o.At)
		w.supervisor.beat()
		select {
		case <-w.options.Reload:
			w.reconfigure(o.At)
		default:
		}
	}
}

// reconfigure reads the configuration again. A bad one changes nothing.
func (w *watcher) reconfigure(at time.Time) {
	w.supervisor.reloading()
	defer w.supervisor.ready()
	c, err := w.options.Load()
	if err == nil {
		err = w.live.Reconfigure(interfaces(c))
	}
	if err != nil {
		w.reload.Failed = true
		w.options.Log.Error("configuration not reloaded, the one before stays in force", "error", err)
		w.publish(at)
		return
	}
	if c.Listen != w.config.Listen || c.WebConfigFile != w.config.WebConfigFile || c.Log != w.config.Log {
		w.options.Log.Warn("listen, web_config_file and log take effect at the next start")
	}
	w.config = c
	w.live.SetNaming(naming(c))
	w.tracker.Reconfigure(settings(c), at, w.find)
	w.reload = export.Reload{LastSuccess: time.Now()}
	w.options.Log.Info("configuration reloaded")
	w.publish(at)
}

// ready says which interface keeps the agent from seeing its network.
func (w *watcher) ready() error {
	for _, s := range w.live.States() {
		if s.Link != capture.LinkUp {
			return fmt.Errorf("interface %s is %s", s.Interface, orUnknown(s.Link))
		}
	}
	return nil
}

func orUnknown(l capture.LinkState) capture.LinkState {
	if l == "" {
		return "not looked at yet"
	}
	return l
}

func (w *watcher) announce(addr string) {
	w.supervisor.ready()
	if w.options.OnReady != nil {
		w.options.OnReady(addr)
	}
}

// changed logs what becomes of an interface.
func (w *watcher) changed(before, after capture.InterfaceState) {
	log := w.options.Log.With("interface", after.Interface)
	if before.Link != after.Link || before.Fault != after.Fault {
		switch {
		case after.Fault != "":
			log.Error("interface cannot be heard", "link", after.Link, "error", after.Fault)
		case after.Link != capture.LinkUp:
			log.Warn("interface cannot be heard", "link", after.Link)
		default:
			log.Info("listening", "hardware_timestamps", after.Hardware, "clock", after.Clock, "reason", after.Reason)
		}
	}
	if before.Config != after.Config && before.Link == capture.LinkUp {
		log.Warn("another program changed the NIC's timestamping", "rx_filter", after.Config.RxFilter, "tx_type", after.Config.TxType)
	}
	if after.Warning != "" && before.Warning != after.Warning {
		log.Warn(after.Warning, "advice", after.Advice)
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
