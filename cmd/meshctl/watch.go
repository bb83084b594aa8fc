package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/source/files"
	"github.com/meshctl/meshctl/pkg/writer"
)

// watch analyzes files, and again whenever one of them changes, until it is
// interrupted. It then ends as its last whole report did.
func (a *analyzing) watch(ctx context.Context, paths []string) error {
	if len(paths) == 0 || a.live || slices.Contains(paths, "-") {
		return usagef("--watch is about files and folders: name some, without --live and -")
	}
	if a.out.policy.writeBaseline != "" {
		return usagef("--write-baseline is about one report: leave --watch out")
	}
	w, err := files.Watch(paths, slices.Collect(maps.Keys(a.out.written())))
	if err != nil {
		return err
	}
	defer w.Close()
	a.cache = &files.Cache{}
	var last error
	for {
		if rep := a.again(ctx, paths); rep.whole {
			last = rep.err
		}
		changed, err := w.Next(ctx)
		if errors.Is(err, context.Canceled) {
			return last
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(a.err, "\n%s  %s\n", time.Now().Format(time.TimeOnly), sayChanged(changed))
	}
}

// watchedReport is how one report ended; it is not whole if it was interrupted.
type watchedReport struct {
	err   error
	whole bool
}

// again makes one report. What keeps a file from being read may be gone with
// the next change, so it ends nothing.
func (a *analyzing) again(ctx context.Context, paths []string) watchedReport {
	a.out.about = nil // what the last report was about
	start := time.Now()
	rep, err := a.run(ctx, paths)
	if ctx.Err() != nil {
		return watchedReport{}
	}
	if err != nil {
		fmt.Fprintln(a.err, "meshctl:", writer.Clean(a.out.hide(err).Error()))
		return watchedReport{err, true}
	}
	err = a.out.finish(a.streams, rep, writer.Text)
	if err != nil && !errors.Is(err, errFindings) {
		fmt.Fprintln(a.err, "meshctl:", writer.Clean(err.Error()))
	}
	fmt.Fprintf(a.err, "analyzed in %s; waiting for changes, Ctrl-C ends\n", time.Since(start).Round(time.Millisecond))
	return watchedReport{err, true}
}

func sayChanged(paths []string) string {
	if len(paths) == 0 {
		return "files changed"
	}
	return writer.Clean(rule.Some(paths)) + " changed"
}
