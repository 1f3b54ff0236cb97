package score

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// Run replays cases, so many at a time, and returns what they came to in their
// order. It goes on when one fails: the failures are joined in the error.
// progress is told how many are done, out of how many, and may be nil.
func Run(ctx context.Context, cases []Case, workers int, progress func(done, of int)) ([]*Result, error) {
	order := make([]int, len(cases))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(cases[b].Work-cases[a].Work, -1), 1)) })
	results, errs := make([]*Result, len(cases)), make([]error, len(cases))
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range workers {
		wg.Go(func() {
			for i := range next {
				results[i], errs[i] = cases[i].run(ctx)
				mu.Lock()
				done++
				if progress != nil {
					progress(done, len(cases))
				}
				mu.Unlock()
			}
		})
	}
	for _, i := range order {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return slices.DeleteFunc(results, func(r *Result) bool { return r == nil }), errors.Join(errs...)
}

// captureEnds are what the names of captures end with; X.pcapng.zst has its
// truth in X.json.
var captureEnds = []string{".pcapng", ".pcap", ".pcapng.gz", ".pcap.gz", ".pcapng.zst", ".pcap.zst"}

// Directory are the captures in a directory, by name. Those that have no truth
// beside them, or an unreadable one, and truths without a capture are in the
// error.
func Directory(dir string) (cases []Case, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var errs []error
	captured := map[string]bool{}
	for _, e := range entries {
		name, is := captureName(e.Name())
		if !is || e.IsDir() {
			continue
		}
		path, labels := filepath.Join(dir, e.Name()), filepath.Join(dir, name+".json")
		if captured[name] {
			errs = append(errs, fmt.Errorf("%s: another capture has the truth %s", path, labels))
			continue
		}
		captured[name] = true
		c, err := recorded(path, labels)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: no truth about it: %s is expected", path, labels)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		cases = append(cases, c)
	}
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), ".json"); is && !captured[name] {
			errs = append(errs, fmt.Errorf("%s: no capture %s.pcapng, .pcap, or either with .gz or .zst, beside it", filepath.Join(dir, e.Name()), name))
		}
	}
	return cases, errors.Join(errs...)
}

func captureName(file string) (name string, is bool) {
	for _, end := range captureEnds {
		if name, is = strings.CutSuffix(file, end); is {
			return name, true
		}
	}
	return "", false
}

// Corpus is the scenarios that ship, under each seed from one to another. With
// names it is those only: "sync-delay" is all variants, "sync-delay/5us" one.
func Corpus(names []string, from, to uint64) (cases []Case, err error) {
	used := map[string]bool{}
	for _, s := range simulate.List() {
		base, _, _ := strings.Cut(s.Name, "/")
		if len(names) > 0 && !slices.Contains(names, s.Name) && !slices.Contains(names, base) {
			continue
		}
		used[s.Name], used[base] = true, true
		for seed := from; ; seed++ {
			cases = append(cases, Simulated(s, seed))
			if seed >= to {
				break
			}
		}
	}
	for _, name := range names {
		if !used[name] {
			_, err := simulate.Load(name)
			return nil, err // which knows what there is
		}
	}
	return cases, nil
}
