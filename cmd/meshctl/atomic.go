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

// rollbackTimeout bounds putting things back. The user's interrupt does not
// end it; a second one ends the program.
const rollbackTimeout = 2 * time.Minute

// undo puts back what was there before an installation that failed, where
// --atomic asks for it, and returns the error with what came of that.
func (f *flow) undo(ctx context.Context, s *session, deploy deployment, failed error) error {
	switch {
	case failed == nil:
		return nil
	case errors.Is(context.Cause(ctx), errLeaseLost):
		return errLeaseLost // another installation may run: its objects are not ours to put back
	case f.journal == nil:
		return failed
	}
	f.say("putting back what was there before: %s", firstLine(failed))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	any, err := deploy.undo(ctx, s, f.narrate)
	if !any && f.journal.Empty() {
		return failed
	}
	if err := errors.Join(err, f.journal.Rollback(ctx, s.client, f.narrate)); err != nil {
		return errors.Join(failed, err)
	}
	f.say("everything is as it was before")
	return f.rolledBack(failed)
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
