package supervisor

import (
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// watchSignals calls stop at the first signal and abandon at the second.
func watchSignals(stop, abandon func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// Caught, not ignored, because children inherit what is ignored: a write to
	// a parent that went away shall fail instead of ending this process.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		<-signals
		stop()
		<-signals
		abandon()
	}()
}

// watchStdin calls stop when in ends: the parent is gone, or wants us gone. This
// works on every system and for a parent that was killed.
func watchStdin(in io.Reader, stop func()) {
	_, _ = io.Copy(io.Discard, in)
	stop()
}

// tailLines is how much of a log explains a failure.
const tailLines = 12

// tail reads the last lines of a log.
func tail(path string) []string {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return lines[max(0, len(lines)-tailLines):]
}
