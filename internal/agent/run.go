package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
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
	live, err := listen(o.Config, o.Log)
	if err != nil {
		return err
	}
	return errors.Join(newWatcher(live, o).run(ctx), live.Close())
}

// listen opens the configured interfaces.
func listen(c *config.Config, log *slog.Logger) (*capture.Live, error) {
	if len(c.Interfaces) == 0 {
		return nil, ErrNoInterface
	}
	links := newLinkLog(log)
	return capture.OpenLive(capture.LiveOptions{
		Interfaces: interfaces(c), Naming: naming(c), OnChange: links.changed, OnSet: links.set,
	})
}

// watcher is a running agent.
type watcher struct {
	*engine
	options    RunOptions
	config     *config.Config
	live       source
	supervisor *supervisor
}

func newWatcher(live source, o RunOptions) *watcher {
	w := &watcher{options: o, config: o.Config, live: live, supervisor: newSupervisor(o.Log)}
	w.engine = &engine{
		tracker: analysis.New(settings(o.Config)), store: &export.Store{}, log: newThrottle(o.Log),
		stats: live.Stats, interfaces: w.interfaces, reload: export.Reload{LastSuccess: time.Now()},
	}
	return w
}

func (w *watcher) run(ctx context.Context) error {
	return serve(ctx, w.engine, w.config, w.options.Log, w.ready, w.announce, func(ctx context.Context) error {
		defer context.AfterFunc(ctx, w.supervisor.stopping)()
		return pump(ctx, w.live, w.handle, w.beat)
	})
}

// beat is called every second, however silent it is. What keeps the watchdog
// quiet is that it has come all the way here from capture.
func (w *watcher) beat(at time.Time) {
	w.tick(at)
	w.supervisor.beat()
	select {
	case <-w.options.Reload:
		w.reconfigure(at)
	default:
	}
}

// reconfigure reads the configuration again. A bad one changes nothing.
func (w *watcher) reconfigure(at time.Time) {
	w.supervisor.reloading()
	defer w.supervisor.ready()
	if err := w.adopt(at); err != nil {
		w.reload.Failed = true
		for _, reason := range reasons(err) {
			w.options.Log.Error("configuration not reloaded, the one before stays in force", "error", reason)
		}
	} else {
		w.reload = export.Reload{LastSuccess: time.Now()}
		w.options.Log.Info("configuration reloaded")
	}
	w.publish(at)
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
	if c.Listen != w.config.Listen || c.WebConfigFile != w.config.WebConfigFile || c.Log != w.config.Log {
		w.options.Log.Warn("listen, web_config_file and log are read at the start only")
	}
	for _, warning := range c.Warnings {
		w.options.Log.Warn("configuration", "warning", warning)
	}
	w.config = c
	w.live.SetNaming(naming(c))
	w.tracker.Reconfigure(settings(c), at, w.find)
	return nil
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
