package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meshctl/meshctl/cmd/meshctl/internal/meshgen"
	"github.com/meshctl/meshctl/pkg/report"
)

// watched is a run with --watch.
type watched struct {
	out, stderr *bufio.Reader
	stop        func() int
}

func startWatch(t testing.TB, args ...string) *watched {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, outEnd := io.Pipe()
	stderr, stderrEnd := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"analyze", "--watch"}, args...), streams{in: strings.NewReader(""), out: outEnd, err: stderrEnd})
		_ = errors.Join(outEnd.Close(), stderrEnd.Close()) // they never fail
	}()
	w := &watched{out: bufio.NewReader(out), stderr: bufio.NewReader(stderr)}
	w.stop = func() int {
		cancel()
		go func() { _, _ = io.Copy(io.Discard, w.stderr) }()
		select {
		case code := <-ended:
			return code
		case <-time.After(time.Minute):
			t.Fatal("--watch does not end")
			return 0
		}
	}
	return w
}

// line is the next one on standard error that says something.
func (w *watched) line(t testing.TB) string {
	t.Helper()
	for {
		text, err := w.stderr.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(text) != "" {
			return text
		}
	}
}

// TestWatch mends a file, breaks it and removes it while it is watched.
func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "route.yaml")
	write := func(text string) { writeText(t, path, text) }
	const route = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: reviews, namespace: shop}\n" +
		"spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}, weight: 30}, {destination: {host: other}, weight: 30}]}]}\n"
	write(strings.Replace(route, "http: [{", "http: [{rewrite: {uri: /}, redirect: {uri: /}, ", 1))
	w := startWatch(t, "-o", "json", path)
	reports := json.NewDecoder(w.out)
	next := func() *report.Report {
		var r report.Report
		if err := reports.Decode(&r); err != nil {
			t.Fatal(err)
		}
		if said := w.line(t); !strings.HasPrefix(said, "analyzed in ") {
			t.Errorf("after a report: %q", said)
		}
		return &r
	}
	if r := next(); r.Summary.Error == 0 {
		t.Errorf("a route that also redirects: %+v", r.Findings)
	}
	write(route)
	if said := w.line(t); !strings.HasSuffix(said, path+" changed\n") {
		t.Errorf("when the file changed: %q", said)
	}
	if r := next(); r.Summary.Error != 0 {
		t.Errorf("a route in order: %+v", r.Findings)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	w.line(t)
	if said := w.line(t); !strings.Contains(said, "no such file") {
		t.Errorf("when the file was gone: %q", said)
	}
	write(route + "\tbroken")
	w.line(t)
	if r := next(); r.Summary.Error == 0 {
		t.Errorf("broken YAML: %+v", r.Findings)
	}
	if code := w.stop(); code != exitFindings {
		t.Errorf("exit code %d, want that of the last report", code)
	}
}

// BenchmarkWatch changes a value in one of a hundred files of a mesh of 10,000
// objects. An operation is all that a user waits, from the write of the file
// to the end of the report.
func BenchmarkWatch(b *testing.B) {
	const services, objects, perFile = 2250, 10000, 100
	var text strings.Builder
	if err := meshgen.Write(&text, meshgen.Size{Services: services, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	docs := strings.SplitAfter(text.String(), "\n---\n")[:objects]
	dir, changing := b.TempDir(), ""
	for i := 0; i < objects; i += perFile {
		changing = filepath.Join(dir, fmt.Sprintf("mesh-%05d.yaml", i))
		writeText(b, changing, strings.Join(docs[i:i+perFile], ""))
	}
	last := strings.Join(docs[objects-perFile:], "")
	if !strings.Contains(last, "timeout: ") {
		b.Fatal("the last file has no timeout to change")
	}
	w := startWatch(b, "--fail-on", "never", dir)
	go func() { _, _ = io.Copy(io.Discard, w.out) }()
	w.line(b)
	for i := 0; b.Loop(); i++ {
		writeText(b, changing, strings.Replace(last, "timeout: ", fmt.Sprintf("timeout: %d", 1+i%9), 1))
		w.line(b)
		w.line(b)
	}
	w.stop()
}

func writeText(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
