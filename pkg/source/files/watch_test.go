package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestWatch changes files as editors, git and people do, and wants to be told
// of each change, and of nothing else.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	mesh, named := filepath.Join(dir, "mesh"), filepath.Join(dir, "named.yaml")
	at := func(name string) string { return filepath.Join(mesh, name) }
	folder := func(name string) {
		if err := os.Mkdir(at(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(path string) {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	folder("")
	folder("routes")
	folder(".git")
	put(t, at("routes/reviews.yaml"), "a")
	put(t, named, "a")
	w, err := Watch([]string{mesh, named}, []string{at("out.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, step := range []struct {
		name   string
		change func()
		want   string // "" for a change that means nothing
	}{
		{"written", func() { put(t, at("routes/reviews.yaml"), "b") }, at("routes/reviews.yaml")},
		{"named file", func() { put(t, named, "b") }, named},
		{"beside the named file", func() { put(t, filepath.Join(dir, "other.yaml"), "b") }, ""},
		{"a report", func() { put(t, at("report.json"), "{}") }, ""},
		{"git", func() { put(t, at(".git/config.yaml"), "a") }, ""},
		{"swap file", func() { put(t, at("routes/.reviews.yaml.swp"), "a") }, ""},
		{"an object in JSON", func() { put(t, at("web.json"), `{"apiVersion": "v1", "kind": "Service"}`) }, at("web.json")},
		{"replaced", func() { put(t, at("new"), "c"); move(at("new"), at("routes/reviews.yaml")) }, at("routes/reviews.yaml")},
		{"new file", func() { put(t, at("ratings.yml"), "a") }, at("ratings.yml")},
		{"new folder", func() { folder("policies") }, at("policies")},
		{"in the new folder", func() { put(t, at("policies/deny.yaml"), "a") }, at("policies/deny.yaml")},
		{"moved away", func() { move(at("policies"), filepath.Join(dir, "gone")) }, at("policies")},
		{"removed", func() { _ = os.Remove(at("ratings.yml")) }, at("ratings.yml")},
		{"our own report", func() { put(t, at("out.yaml"), "a") }, ""},
		{"folder removed", func() { remove(at("routes")) }, at("routes")},
		{"and made anew", func() { folder("routes") }, at("routes")},
		{"with a file", func() { put(t, at("routes/new.yaml"), "a") }, at("routes/new.yaml")},
		{"all removed", func() { remove(mesh) }, mesh},
		{"and all made anew", func() { folder("") }, mesh},
		{"with one file", func() { put(t, at("again.yaml"), "a") }, at("again.yaml")},
	} {
		step.change()
		wait := 10 * time.Second
		if step.want == "" {
			wait = 100 * time.Millisecond // what should not come cannot be waited for
		}
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		changed, err := w.Next(ctx)
		cancel()
		if step.want == "" && !errors.Is(err, context.DeadlineExceeded) || step.want != "" && !slices.Contains(changed, step.want) {
			t.Errorf("%s: told of %q, %v", step.name, changed, err)
		}
	}
}

func TestWatchNothing(t *testing.T) {
	if _, err := Watch([]string{filepath.Join(t.TempDir(), "none.yaml")}, nil); err == nil {
		t.Error("a file that is not there can be watched")
	}
}
