package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// faults are the ways in which an API server, or what stands before it, lets
// a client down.
func faults() map[string]fault {
	return map[string]fault{
		"reset":           reset,
		"answer lost":     lost,
		"delay":           delay(300 * time.Millisecond),
		"429":             answer(http.StatusTooManyRequests, ""),
		"429 retry after": answer(http.StatusTooManyRequests, "1"),
		"500":             answer(http.StatusInternalServerError, ""),
		"503":             answer(http.StatusServiceUnavailable, ""),
		"body cut":        cut(true),
		"body short":      cut(false),
	}
}

// TestFaults wants each command to end right or with one clear sentence,
// whatever happens to its requests: to every n-th of them, and to all of one
// sort. MESHCTL_FAULTS=all tries every n with every fault and command.
func TestFaults(t *testing.T) {
	b := startSandbox(t)
	clean := b.startProxy(t)
	clean.meshctl("install", "-y").wants(t, exitOK)
	right := map[string]string{"precheck": "0 errors", "plan": "0 to create, 0 to change, 0 to delete, 43 unchanged", "verify": "0 errors"}
	wanted := map[string]string{}
	for command, text := range right {
		wanted[command] = lastLine(clean.meshctl(command, "--set", "profile=default").wants(t, exitOK, text).out)
	}
	numbers := []int{1, 2, 3, 5, 7}
	i := 0
	var wg sync.WaitGroup
	slots := make(chan struct{}, 6)
	for name, f := range faults() {
		for j, n := range numbers {
			for k, command := range []string{"precheck", "plan", "verify"} {
				if i++; os.Getenv("MESHCTL_FAULTS") != "all" && (len(name)+2*j+3*k)%16 != 0 {
					continue
				}
				p := b.startProxy(t)
				p.inject(f, nil, every(n))
				slots <- struct{}{}
				wg.Go(func() {
					defer func() { <-slots }()
					endsRight(t, fmt.Sprintf("%s with %s on every request of %d", command, name, n), wanted[command], p.meshctl(command, "--set", "profile=default"))
				})
			}
		}
	}
	wg.Wait()
	t.Run("install", func(t *testing.T) {
		p := b.startProxy(t)
		p.inject(lost, nil, every(9))
		more := []string{"--set", "profile=default", "--set", "meshConfig.accessLogFile=/dev/stdout"}
		p.meshctl(append([]string{"install", "-y"}, more...)...).wants(t, exitOK)
		clean.meshctl(append([]string{"verify", "--strict"}, more...)...).wants(t, exitOK)
		p.inject(answer(http.StatusServiceUnavailable, ""), isWrite, only(1))
		p.meshctl("install", "-y", "--set", "profile=default").wants(t, exitOK)
	})
	t.Run("one sort of requests", func(t *testing.T) {
		p := b.startProxy(t)
		for what, match := range map[string]func(*http.Request) bool{
			"config maps": func(r *http.Request) bool { return isRead(r) && strings.HasSuffix(r.URL.Path, "/configmaps/istio") },
			"dry runs":    isDryRun,
		} {
			p.inject(answer(http.StatusServiceUnavailable, ""), match, all)
			r := p.meshctl("verify", "--set", "profile=default")
			if r.code != exitFailed || !strings.Contains(r.stderr, "the report may be incomplete: ") || strings.Contains(r.out, "0 skipped") {
				t.Errorf("verify without %s: exit code %d\n%s\n%s", what, r.code, r.out, r.stderr)
			}
		}
	})
}

// endsRight wants either what the command says without faults, or no success
// and one sentence.
func endsRight(t *testing.T, what, wanted string, r result) {
	t.Helper()
	said := strings.TrimSpace(r.stderr)
	switch {
	case r.code == exitOK && lastLine(r.out) == wanted && said == "":
	case r.code == exitFailed && strings.HasPrefix(said, "meshctl: ") && !strings.Contains(said, "\n") && len(said) < 300:
	default:
		t.Errorf("%s: exit code %d\n%s\n%s", what, r.code, r.out, r.stderr)
	}
	if testing.Verbose() {
		t.Logf("%s: %d %s", what, r.code, said)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
