package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/writer"
)

// rollbackTimeout bounds putting things back.
const rollbackTimeout = 2 * time.Minute

// undo puts back what was there before an installation that failed, where
// --atomic asks for it and something was written, and returns the error with
// what came of that.
func (f *flow) undo(ctx context.Context, s *session, deploy deployment, failed error) error {
	switch {
	case failed == nil:
		return nil
	case errors.Is(context.Cause(ctx), errLeaseLost):
		return errLeaseLost // another installation may run: its objects are not ours to put back
	case f.journal == nil:
		return failed
	}
	ctx, cancel := untilInsisted(ctx)
	defer cancel()
	if any, err := deploy.touched(ctx, s); !any && err == nil && f.journal.Empty() {
		f.wrote = false
		return failed
	}
	f.say("putting back what was there before: %s", firstLine(failed))
	if err := errors.Join(deploy.undo(ctx, s, f.narrate), f.journal.Rollback(ctx, s.client, f.narrate)); err != nil {
		return errors.Join(withoutCancel(failed), err)
	}
	f.say("everything is as it was before")
	return f.rolledBack(failed)
}

// untilInsisted is a context for putting things back: the user's interrupt does
// not end it, a second one does.
func untilInsisted(ctx context.Context) (context.Context, context.CancelFunc) {
	again := insistence(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	stop := context.AfterFunc(again, cancel)
	return ctx, func() { stop(); cancel() }
}

// rolledBack keeps the exit code of the failure.
func (f *flow) rolledBack(failed error) error {
	text := fmt.Errorf("%w\neverything was put back as it was before", withoutCancel(failed))
	var exit *exitError
	if errors.As(failed, &exit) {
		return &exitError{exit.code, text}
	}
	return text
}

// withoutCancel is an interrupt with a text to print: what came of it matters.
func withoutCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	return err
}

// newJournal is nil where nothing is to be put back.
func (f *flow) newJournal() *install.Journal {
	if f.atomic {
		return &install.Journal{}
	}
	return nil
}

// firstLine is enough of an error that is told in full at the end.
func firstLine(err error) string {
	line, _, _ := strings.Cut(withoutCancel(err).Error(), "\n")
	return writer.Clean(line)
}
