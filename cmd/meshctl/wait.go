package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/source/cluster"
	"github.com/meshctl/meshctl/pkg/writer"
)

// pollInterval lies between two rounds of --wait.
const pollInterval = 2 * time.Second

// until goes round after round until nothing is wrong. At the deadline, and
// when the user interrupts, the last state counts; a round that was cut short
// is none.
func (l *looker) until(ctx context.Context) (*report.Report, error) {
	start, said := time.Now(), ""
	var last *report.Report
	for {
		rep, err := l.round(ctx)
		if err == nil && !l.out.failed(rep) {
			return rep, nil
		}
		if err == nil {
			last = rep
		} else if ctx.Err() == nil && !unanswered(err) {
			return nil, err
		}
		if line := l.awaited(rep, err); line != said && ctx.Err() == nil && !l.out.quiet {
			said = line
			fmt.Fprintf(l.err, "%6.1fs  waiting: %s\n", time.Since(start).Seconds(), line)
		}
		if !kube.Pause(ctx, pollInterval) {
			if last == nil {
				return nil, err
			}
			return last, nil
		}
		l.forget()
	}
}

// unanswered says that the API server may answer in a moment.
func unanswered(err error) bool {
	var gone *kube.Unreachable
	return errors.As(err, &gone) || kube.Transient(err)
}

// awaited says what is still wrong, by object and rule: messages are left to
// the report.
func (l *looker) awaited(rep *report.Report, err error) string {
	if err != nil {
		return writer.Clean(l.out.hide(err).Error())
	}
	var names []string
	level, unknown := finding.ParseSeverity(l.out.failOn)
	for _, f := range rep.Findings {
		if name := f.At.Object + " (" + f.Rule + ")"; unknown == nil && f.Severity >= level && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, r := range rep.Rules {
		if r.Outcome == report.Skipped && l.out.strict {
			names = append(names, r.ID+" "+r.Name)
		}
	}
	return writer.Clean(rule.First(names))
}

// forget drops what may have changed, also kinds that were not there.
func (l *looker) forget() {
	for _, s := range l.sessions {
		s.snap.Forget(cluster.Volatile(engine.Parts(rules.All(), engine.Options{Stage: l.stage})))
		s.client.Refresh()
		s.client.StartOver()
	}
}
