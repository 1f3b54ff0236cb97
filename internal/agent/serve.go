package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
)

// serve runs an HTTP server on what the engine publishes, and work beside it,
// until ctx ends or one of the two fails. ready says why the agent is not
// ready; nil is always ready. onReady is told the server's address.
func serve(ctx context.Context, e *engine, c *config.Config, log *slog.Logger, ready func() error, onReady func(string), work func(context.Context) error) error {
	dir := ""
	if wantsEvidence(c) {
		dir = c.Evidence.Dir
	}
	server := export.NewServer(export.Options{
		EvidenceDir: dir, Listen: c.Listen, WebConfigFile: c.WebConfigFile, Store: e.store, Ready: ready, Logger: log,
	})
	if err := server.Listen(); err != nil {
		return err
	}
	e.publish()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var served, worked error
	wg.Go(func() { served = server.Run(ctx); cancel() })
	wg.Go(func() { worked = work(ctx); cancel() })
	if onReady != nil {
		onReady(server.Addr().String())
	}
	wg.Wait()
	return errors.Join(served, worked)
}
