package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// ask puts a yes-or-no question on standard error. Anything but a clear yes,
// an end of input included, is a no.
func ask(ctx context.Context, s streams, question string) (bool, error) {
	fmt.Fprintf(s.err, "%s (y/N) ", question)
	answers := make(chan string, 1)
	go func() {
		answer, _ := bufio.NewReader(s.in).ReadString('\n')
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case a := <-answers:
		if a == "y" || a == "yes" {
			return true, nil
		}
	}
	fmt.Fprintln(s.err)
	return false, nil
}
