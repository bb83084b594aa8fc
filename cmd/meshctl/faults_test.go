package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/meshctl/meshctl/pkg/sandbox"
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
// whatever happens to its requests.
func TestFaults(t *testing.T) {
	b := startSandboxWith(t, sandbox.Options{NoIstiod: true, Nodes: 1})
	p := b.startProxy(t)
	p.meshctl("plan").wants(t, exitFindings, "43 to create")
	for name, f := range faults() {
		if name != "delay" {
			p.inject(f, nil, all)
			p.meshctl("plan").wants(t, exitFailed)
		}
	}
	p.inject(answer(http.StatusInternalServerError, ""), isWrite, only(1))
	p.meshctl("plan").wants(t, exitFindings, "43 to create")
	if matched, injected := p.count(); matched+injected > 0 {
		t.Errorf("plan made %d writes, %d of them failed", matched, injected)
	}
}
