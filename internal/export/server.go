package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/net/netutil"
)

// Options is what a Server needs. Store is required.
type Options struct {
	// Listen is the TCP address, ":9588" when "".
	Listen string
	// WebConfigFile configures TLS and authentication in exporter-toolkit's
	// format; "" serves plain HTTP to all.
	WebConfigFile string
	Store         *Store
	// EvidenceDir is the folder that evidence is served from, to clients that have
	// authenticated themselves; "" serves none.
	EvidenceDir string
	// Ready says why the agent is not ready, nil once it is. A nil function is
	// always ready.
	Ready  func() error
	Logger *slog.Logger // slog.Default() when nil
}

// What clients may cost: at most maxConnections pages of a few megabytes wait
// for slow readers, who are cut off in time, and further clients wait their
// turn. Capture and analysis never notice.
const (
	maxConnections    = 64
	maxScrapes        = 4 // gathered at once, and streams of an HTTP/2 connection
	scrapeTimeout     = 10 * time.Second
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 15 * time.Second
	idleTimeout       = 2 * time.Minute
	shutdownGrace     = 500 * time.Millisecond // an agent told to stop is gone within a second
	maxHeaderBytes    = 16 << 10
)

// Server serves metrics, the status page, the API and health over HTTP.
type Server struct {
	opts Options
	log  *slog.Logger
	live *live

	downloads chan struct{} // of evidence
	http      *http.Server
	listener  net.Listener
}

// NewServer returns a Server that has not started anything.
func NewServer(opts Options) *Server {
	opts.Listen = cmp.Or(opts.Listen, ":9588")
	s := &Server{opts: opts, log: cmp.Or(opts.Logger, slog.Default()), downloads: make(chan struct{}, maxDownloads)}
	s.live = newLive(s.opts.Store, s.unready, s.log)
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxScrapes},
		// What net/http has to say is caused by clients, strangers too.
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	return s
}

// Listen binds the address and checks the web configuration, so that a caller
// learns of both before it starts anything else. Run does it when it was not
// called; whoever calls it must call Run.
func (s *Server) Listen() error {
	if s.listener != nil {
		return nil
	}
	if err := web.Validate(s.opts.WebConfigFile); err != nil {
		return fmt.Errorf("web configuration %s: %w", s.opts.WebConfigFile, err)
	}
	l, err := net.Listen("tcp", s.opts.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.opts.Listen, err)
	}
	s.listener = l
	return nil
}

// Addr is the address bound by Listen, nil before.
func (s *Server) Addr() net.Addr {
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Run serves until ctx is done, lets requests finish for a moment, closes the
// listener and returns nil; or it returns why it could not serve.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	defer s.listener.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	wg.Go(func() { s.live.run(ctx) })
	served := make(chan error, 1)
	go func() {
		served <- web.Serve(netutil.LimitListener(s.listener, maxConnections), s.http, &web.FlagConfig{WebConfigFile: &s.opts.WebConfigFile}, s.log)
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", s.opts.Listen, err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := s.http.Shutdown(grace); err != nil {
		s.http.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", s.opts.Listen, err)
	}
	return nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics())
	mux.HandleFunc("GET /-/healthy", s.healthy)
	mux.HandleFunc("GET /-/ready", s.ready)
	for _, e := range s.api() {
		mux.Handle("GET "+e.path, e.handler)
	}
	mux.Handle("GET /debug/pprof/", s.authenticated(profiles()))
	mux.HandleFunc("GET /{$}", s.live.page)
	mux.HandleFunc("GET /events", s.live.events)
	assets(mux)
	return secured(mux)
}

// metrics serves the collector and the process's own metrics from a registry
// of their own. The scrape timeout makes net/http buffer the page, so a client
// that reads slowly holds a connection but none of the scrape slots.
func (s *Server) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(NewCollector(s.opts.Store), collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:            scrapeLog{s.log},
		ErrorHandling:       promhttp.ContinueOnError,
		Registry:            registry,
		EnableOpenMetrics:   true,
		CoalesceGather:      true,
		MaxRequestsInFlight: maxScrapes,
		Timeout:             scrapeTimeout,
	})
}

// stuckAfter is for how long nothing may be published: what runs publishes every
// second.
const stuckAfter = 30 * time.Second

// healthy answers for the pipeline, not for this server: who does not publish
// hangs.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	if _, at := s.opts.Store.load(); !at.IsZero() && time.Since(at) > stuckAfter {
		http.Error(w, "ptpwatch is not healthy: nothing was published since "+at.UTC().Format(time.RFC3339), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ptpwatch is healthy.")
}

// unready is why the agent is not ready, nil if it is.
func (s *Server) unready() error {
	if s.opts.Ready == nil {
		return nil
	}
	return s.opts.Ready()
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if err := s.unready(); err != nil {
		http.Error(w, "ptpwatch is not ready: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ptpwatch is ready.")
}

// scrapeLog is promhttp's idea of a logger. A client that hangs up makes it say
// so for every family left, so that is not worth more than what net/http says
// of clients.
type scrapeLog struct{ log *slog.Logger }

func (l scrapeLog) Println(v ...any) {
	level := slog.LevelError
	for _, part := range v {
		err, _ := part.(error)
		if errors.Is(err, context.Canceled) || errors.Is(err, http.ErrHandlerTimeout) {
			level = slog.LevelDebug
		}
	}
	l.log.Log(context.Background(), level, "scrape", "err", fmt.Sprint(v...))
}
