package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkValidateFile runs the built programs on the same file, as a gate
// in CI does: one process a file. It reports the largest resident set next to
// the time. Both programs are copied first, because how a freshly linked file
// lies in the page cache changes its resident set by tens of megabytes.
func BenchmarkValidateFile(b *testing.B) {
	file := sample(b)
	sideBySide(b, []string{"validate", "--render=false", file}, []string{"validate", "-f", file})
}

// BenchmarkRenderFile validates a file with rendering, next to istioctl that
// renders it.
func BenchmarkRenderFile(b *testing.B) {
	file := sample(b)
	sideBySide(b, []string{"validate", file}, []string{"manifest", "generate", "-f", file})
}

func sample(b *testing.B) string {
	b.Helper()
	file, err := filepath.Abs(filepath.Join("..", "..", "testdata", "sample", "istio.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	return file
}

func sideBySide(b *testing.B, meshctl, istioctl []string) {
	for _, peer := range []struct {
		program string
		args    []string
	}{{"meshctl", meshctl}, {"istioctl", istioctl}} {
		b.Run(peer.program, func(b *testing.B) {
			program := copied(b, peer.program)
			for b.Loop() {
				if out, err := exec.Command(program, peer.args...).CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
			}
			b.ReportMetric(peakMemory(b, program, peer.args), "MB-resident")
		})
	}
}

// peakMemory is the largest resident set of one run, in MiB, read while it
// runs: what the kernel tells after its end includes the memory of the parent
// that forked it.
func peakMemory(b *testing.B, program string, args []string) float64 {
	b.Helper()
	cmd := exec.Command(program, args...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	peak := 0.0
	status := filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "status")
	for {
		data, err := os.ReadFile(status)
		_, rest, found := strings.Cut(string(data), "VmHWM:")
		if err != nil || !found {
			break // it has ended
		}
		if kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64); err == nil {
			peak = max(peak, kb/1024)
		}
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return peak
}

func copied(b *testing.B, program string) string {
	b.Helper()
	from, err := os.Open(filepath.Join("..", "..", "bin", program))
	if err != nil {
		b.Fatalf("%v; run `make build bin/istioctl`", err)
	}
	defer from.Close()
	path := filepath.Join(b.TempDir(), program)
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		b.Fatal(err)
	}
	if err := to.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkThousandFiles checks a folder of 1,000 files in one process, first
// as far as the peer looks, then with rendering, and the same files as a gate
// does with istioctl, which renders nothing and prints neither a place nor
// more than the first problem: one process a file, one after the other. One
// round takes a minute.
func BenchmarkThousandFiles(b *testing.B) {
	dir := thousand(b)
	for _, render := range []string{"--render=false", "--render=true"} {
		b.Run("meshctl "+render, func(b *testing.B) {
			program := copied(b, "meshctl")
			for b.Loop() {
				if out, err := exec.Command(program, "validate", render, "--fail-on", "never", "-q", dir).CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
			}
		})
	}
	b.Run("istioctl", func(b *testing.B) {
		program := copied(b, "istioctl")
		files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		if err != nil || len(files) != 1000 {
			b.Fatal(len(files), err)
		}
		for b.Loop() {
			for _, file := range files {
				// Its exit code tells of the file, not of the run.
				if err := exec.Command(program, "validate", "-f", file).Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
					b.Fatal(err)
				}
			}
		}
	})
}

// thousand copies the rules' fixtures into one folder until it holds 1,000
// files. Each copy has a line of its own, so that none is like another.
func thousand(b *testing.B) string {
	b.Helper()
	fixtures, err := filepath.Glob(filepath.Join("..", "..", "testdata", "rules", "*", "*", "*.yaml"))
	if err != nil || len(fixtures) == 0 {
		b.Fatal("no fixtures", err)
	}
	dir := b.TempDir()
	for i := range 1000 {
		from := fixtures[i%len(fixtures)]
		data, err := os.ReadFile(from)
		if err != nil {
			b.Fatal(err)
		}
		to := filepath.Join(dir, fmt.Sprintf("%03d-%s", i, filepath.Base(from)))
		if err := os.WriteFile(to, fmt.Appendf(data, "\n# copy %d\n", i), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}
