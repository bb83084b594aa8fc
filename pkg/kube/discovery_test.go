package kube

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// TestSilentGroup wants a kind of a group whose API service does not answer
// not to be taken for one that the server does not know.
func TestSilentGroup(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/api":
			io.WriteString(w, `{"kind":"APIVersions","versions":[]}`)
		case "/apis":
			io.WriteString(w, `{"kind":"APIGroupList","groups":[{"name":"custom.example.com","versions":[{"groupVersion":"custom.example.com/v1","version":"v1"}]}]}`)
		default:
			http.Error(w, "service unavailable", http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	c, err := newClient(&rest.Config{Host: s.URL}, &patience{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Get(t.Context(), schema.GroupVersionKind{Group: "custom.example.com", Version: "v1", Kind: "Thing"}, "", "x")
	if UnknownKind(err) || NotFound(err) || Broken(err) || !Busy(err) || !strings.Contains(Message(err), "API service v1.custom.example.com does not answer") {
		t.Errorf("a silent group: %v", err)
	}
	if _, err = c.Map(t.Context(), schema.GroupVersionKind{Group: "other.example.com", Version: "v1", Kind: "Thing"}); !UnknownKind(err) {
		t.Errorf("a group that is not there: %v", err)
	}
}

// TestDiscoveryHasADeadline wants the first question of all to end in time.
func TestDiscoveryHasADeadline(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	c, err := newClient(&rest.Config{Host: s.URL}, &patience{})
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func(context.Context) error{
		"groups": func(ctx context.Context) error { _, err := c.Groups(ctx); return err },
		"a kind": func(ctx context.Context) error { _, err := c.Map(ctx, configMap); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		start := time.Now()
		err := ask(ctx)
		if took := time.Since(start); err == nil || took > 5*time.Second || !strings.Contains(c.Explain(err).Error(), "no answer in time") {
			t.Errorf("%s: after %s %v", name, took, err)
		}
		cancel()
	}
}
