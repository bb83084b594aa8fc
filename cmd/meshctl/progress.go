package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/writer"
)

// say prints one line of progress with the seconds since the start.
func (f *flow) say(format string, args ...any) {
	if f.out.quiet {
		return
	}
	fmt.Fprintf(f.streams.err, "%s%s\n", f.erase(), f.timed(fmt.Sprintf(format, args...)))
}

// show prints what happens right now. Only a terminal gets it, on one line
// that the next one takes the place of.
func (f *flow) show(text string) {
	if f.out.quiet || !isTerminal(f.streams.err) {
		return
	}
	line := []rune(f.timed(text))
	fmt.Fprintf(f.streams.err, "%s%s", f.erase(), string(line[:min(len(line), 79)]))
	f.shown = true
}

// erase takes the line of show away.
func (f *flow) erase() string {
	if !f.shown {
		return ""
	}
	f.shown = false
	return "\r\x1b[K"
}

func (f *flow) timed(text string) string {
	if f.start.IsZero() {
		f.start = time.Now()
	}
	return fmt.Sprintf("%6.1fs  %s", time.Since(f.start).Seconds(), text)
}

// narrate prints the progress of an installation: lines for people, or a
// stream of events.
func (f *flow) narrate(e install.Event) {
	if f.out.stdout() == eventsFormat {
		f.event(report.Event{Type: string(e.Type), Component: e.Component, Object: e.Object, Action: string(e.Action), Message: e.Message})
	}
	object := writer.Clean(e.Object)
	switch e.Type {
	case install.Applying:
		f.say("applying %s", e.Component)
	case install.Applied:
		f.show("applied " + object)
	case install.Waiting:
		f.say("waiting for %s", object)
	case install.Deleted:
		f.say("deleted %s", object)
	case install.Restored:
		f.say("put back %s", object)
	case install.Ready:
		f.say("ready: %s", e.Component)
	}
}

// eventsFormat is a stream of JSON, one event a line; the last one holds the
// report.
const eventsFormat = "events"

func (f *flow) event(e report.Event) {
	e.Time = cmp.Or(e.Time, time.Now().UTC().Format(time.RFC3339Nano))
	e.Message = f.out.secrets().Text(e.Message)
	line, err := json.Marshal(e)
	if err == nil {
		_, err = f.streams.out.Write(append(line, '\n'))
	}
	if err != nil {
		f.say("an event could not be written: %v", err)
	}
}

// begins tells readers of events which stage comes.
func (f *flow) begins(stage rule.Stage) {
	if f.out.stdout() == eventsFormat {
		f.event(report.Event{Type: "stage", Stage: string(stage)})
	}
}
