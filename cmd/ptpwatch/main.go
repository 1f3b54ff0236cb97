// Command ptpwatch listens to PTP (IEEE 1588) traffic, on the wire or in
// capture files, and says who is grandmaster, how good its time is claimed and
// measured to be, and what is not as it should be.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	return execute(ctx, newRoot(), os.Args[1:])
}
