package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/meshctl/meshctl/cmd/meshctl/internal/meshgen"
)

// BenchmarkAnalyze looks at meshes of 4,000 and 20,000 services, the latter
// next to istioctl, which ignores what it finds there: Services and workloads.
func BenchmarkAnalyze(b *testing.B) {
	for _, services := range []int{4000, 20000} {
		path := generated(b, func(w io.Writer) error { return meshgen.Write(w, meshgen.Size{Services: services, Seed: 1}) })
		ours := []string{"analyze", "--fail-on", "never", path}
		if services < 20000 {
			b.Run(strconv.Itoa(services), func(b *testing.B) { byItself(b, ours) })
			continue
		}
		sideBySide(b, ours, []string{"analyze", "--use-kube=false", path})
	}
}

// BenchmarkAnalyzeWorst has 5,000 ServiceEntries with overlapping wildcards,
// 5,000 VirtualServices on one gateway host and 10,000 pods in a namespace.
func BenchmarkAnalyzeWorst(b *testing.B) {
	path := generated(b, func(w io.Writer) error { return meshgen.Worst(w, 5000) })
	ours := []string{"analyze", "--fail-on", "never", path}
	byItself(b, ours)
}

func byItself(b *testing.B, args []string) {
	program := copied(b, "meshctl")
	for b.Loop() {
		bench(b, program, args...)
	}
	b.ReportMetric(peakMemory(b, program, args), "MB-resident")
}

func generated(b *testing.B, write func(io.Writer) error) string {
	b.Helper()
	var text bytes.Buffer
	if err := write(&text); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "mesh.yaml")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}
