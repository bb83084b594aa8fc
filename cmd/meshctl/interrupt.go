package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long a run may take to end after a second interrupt.
const grace = time.Second

// interruptible is a context that the first signal ends, for the run to end in
// order. What goes on all the same, putting things back, ends with the second
// one and says what is left; what does not is ended by exit.
func interruptible(ctx context.Context, stderr io.Writer, exit func(code int)) context.Context {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	first, end := context.WithCancel(ctx)
	second, insist := context.WithCancel(ctx)
	go func() {
		<-signals
		end()
		<-signals
		signal.Stop(signals)
		insist()
		time.Sleep(grace)
		fmt.Fprintln(stderr, "meshctl: interrupted again and ended at once; what it was doing is left half done: run it again, or look with meshctl plan")
		exit(exitFailed)
	}()
	return withInsistence(first, second)
}

// insisting is the key of what a second interrupt ends.
type insisting struct{}

func withInsistence(ctx, second context.Context) context.Context {
	return context.WithValue(ctx, insisting{}, second)
}

// insistence is a context that a second interrupt ends.
func insistence(ctx context.Context) context.Context {
	if second, ok := ctx.Value(insisting{}).(context.Context); ok {
		return second
	}
	return context.Background()
}
