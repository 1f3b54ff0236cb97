//go:build linux

// Labtool brings up a network of real PTP clocks in network namespaces of its
// own, and attacks it. It works nowhere else. See docs/how-to/lab.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/lab"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "labtool:", err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		usage()
		return errors.New("say what to do")
	}
	if args[0] == "up" {
		return up(ctx, args[1:])
	}
	i := slices.IndexFunc(tools, func(t tool) bool { return t.name == args[0] })
	if i < 0 {
		usage()
		return fmt.Errorf("%q is not known", args[0])
	}
	return attack(ctx, tools[i], args[1:])
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: labtool up | labtool ATTACK -node NAMESPACE [OPTION]...\n\n"+
		"  up            two grandmasters, a client and an attacker, until Ctrl-C")
	for _, t := range tools {
		fmt.Fprintf(os.Stderr, "  %-13s %s\n", t.name, t.help)
	}
	fmt.Fprintln(os.Stderr, "\nlabtool ATTACK -h tells the options.")
}

// attack reads the options, carries the attack out and says where to look.
func attack(ctx context.Context, t tool, args []string) error {
	flags := flag.NewFlagSet("labtool "+t.name, flag.ContinueOnError)
	var p lab.Plan
	flags.StringVar(&p.Namespace, "node", "", "namespace to attack from, as `labtool up` prints it")
	flags.StringVar(&p.Interface, "i", t.iface, "interface; of in-path the one on the clients' side")
	flags.DurationVar(&p.After, "after", 5*time.Second, "record this long before")
	flags.DurationVar(&p.For, "for", 10*time.Second, "attack this long")
	flags.DurationVar(&p.Rest, "rest", 5*time.Second, "record this long afterwards")
	flags.StringVar(&p.Capture, "out", t.name+".pcapng", "recording to write")
	flags.StringVar(&p.Truth, "truth", "", "what happened, JSON (default: the recording's name with .json)")
	p.Grandmasters = grandmasters[:]
	flags.Func("grandmasters", "the operator's, a,b, for the truth's configuration (default those of labtool up)", func(text string) (err error) {
		p.Grandmasters, err = identities(text)
		return err
	})
	build := t.options(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 && t.rest == "" {
		return fmt.Errorf("%s: %q is not an option", t.name, flags.Arg(0))
	}
	if p.Namespace == "" {
		return fmt.Errorf("%s: -node is missing: the namespace to attack from", t.name)
	}
	if p.Truth == "" {
		p.Truth = strings.TrimSuffix(p.Capture, ".pcapng") + ".json"
	}
	a, err := build()
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	truth, err := lab.Run(ctx, p, a)
	if err != nil {
		return err
	}
	first := "sent nothing"
	if e := truth.Episodes[0]; e.FirstFrame > 0 {
		first = fmt.Sprintf("frame %d, at %s, is its first", e.FirstFrame, e.First.Format(time.RFC3339Nano))
	}
	fmt.Printf("%s: %d frames; %s\n%s: what happened\n", p.Capture, truth.Frames, first, p.Truth)
	return nil
}
