package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// server is an API server that knows ConfigMaps and fails in the way of a test:
// fail is asked with the number of each request and returns false for those
// that it leaves alone.
func server(t *testing.T, fail func(n int, w http.ResponseWriter, r *http.Request) bool) (c *Client, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/api":
			io.WriteString(w, `{"kind":"APIVersions","versions":["v1"]}`)
		case "/apis":
			io.WriteString(w, `{"kind":"APIGroupList","groups":[]}`)
		case "/api/v1":
			io.WriteString(w, `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"configmaps","namespaced":true,"kind":"ConfigMap","verbs":["list"]}]}`)
		default:
			if n := asked.Add(1); !fail(int(n), w, r) {
				configMaps(w, r)
			}
		}
	}))
	t.Cleanup(s.Close)
	p := &patience{pause: time.Millisecond}
	cfg := &rest.Config{Host: s.URL, QPS: -1}
	cfg.Wrap(func(next http.RoundTripper) http.RoundTripper { return &persistent{next, p} })
	c, err := newClient(cfg, p)
	if err != nil {
		t.Fatal(err)
	}
	return c, asked
}

// configMaps answers with one object, or with a page of a list of three that
// are a page each.
func configMaps(w http.ResponseWriter, r *http.Request) {
	one := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"a","name":"%d"}}`
	if !strings.HasSuffix(r.URL.Path, "/configmaps") || r.Method != http.MethodGet {
		fmt.Fprintf(w, one, 0)
		return
	}
	page := 1
	fmt.Sscanf(r.URL.Query().Get("continue"), "page%d", &page)
	next := fmt.Sprintf("page%d", page+1)
	if page == 3 {
		next = ""
	}
	fmt.Fprintf(w, `{"apiVersion":"v1","kind":"ConfigMapList","metadata":{"continue":%q},"items":[`+one+`]}`, next, page)
}

func answers(code int, header, value string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		if header != "" {
			w.Header().Set(header, value)
		}
		http.Error(w, "as the test wants it", code)
	}
}

func half(w http.ResponseWriter) { io.WriteString(w, `{"apiVersion":"v1","kind":"ConfigM`) }

func abort(w http.ResponseWriter) {
	half(w)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

var configMap = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}

// TestAgain wants requests that fail for a moment to come to their end, and
// those that could do something twice to be sent once.
func TestAgain(t *testing.T) {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "a", "name": "0"}}}
	requests := map[string]func(*Client) error{
		"list":          func(c *Client) error { _, err := c.List(t.Context(), configMap, "", ""); return err },
		"metadata list": func(c *Client) error { _, err := c.ListMeta(t.Context(), configMap, "", ""); return err },
		"get":           func(c *Client) error { _, err := c.Get(t.Context(), configMap, "a", "0"); return err },
		"apply":         func(c *Client) error { _, err := c.Apply(t.Context(), object, ApplyOptions{}); return err },
		"dry run":       func(c *Client) error { _, err := c.CreateDryRun(t.Context(), object); return err },
		"delete":        func(c *Client) error { return c.Delete(t.Context(), object) },
	}
	for what, fail := range map[string]func(http.ResponseWriter){
		"429": answers(429, "", ""), "429 after": answers(429, "Retry-After", "1"), "500": answers(500, "", ""), "502": answers(502, "", ""),
		"503": answers(503, "", ""), "504": answers(504, "", ""), "short": half, "aborted": abort,
	} {
		for name, request := range requests {
			t.Run(name+" after "+what, func(t *testing.T) {
				t.Parallel()
				c, _ := server(t, func(n int, w http.ResponseWriter, _ *http.Request) bool {
					if n > 2 {
						return false
					}
					fail(w)
					return true
				})
				start := time.Now()
				if err := request(c); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); what == "429 after" && took < 2*time.Second {
					t.Errorf("done after %s, though the server asked twice for a second", took)
				}
				if err := c.Unanswered(); err != nil {
					t.Errorf("counted as given up: %v", err)
				}
			})
		}
	}
}

// TestOnce wants a real create to be sent once where nobody knows what became
// of it, and an answer of others to count.
func TestOnce(t *testing.T) {
	post := func(c *Client) error {
		return c.typed.CoreV1().RESTClient().Post().AbsPath("/api/v1/namespaces/a/configmaps").Body([]byte("{}")).Do(t.Context()).Error()
	}
	get := func(c *Client) error { _, err := c.Get(t.Context(), configMap, "a", "0"); return err }
	for name, tc := range map[string]struct {
		fail    func(http.ResponseWriter)
		request func(*Client) error
	}{
		"create without an answer": {abort, post},
		"create that failed":       {answers(500, "", ""), post},
		"webhook":                  {func(w http.ResponseWriter) { http.Error(w, `failed calling webhook "x": refused`, 500) }, get},
		"extension server":         {func(w http.ResponseWriter) { http.Error(w, "service unavailable", http.StatusServiceUnavailable) }, get},
		"forbidden":                {answers(403, "", ""), get},
		"wrong":                    {answers(422, "", ""), get},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, asked := server(t, func(_ int, w http.ResponseWriter, _ *http.Request) bool { tc.fail(w); return true })
			if err := tc.request(c); err == nil || asked.Load() != 1 {
				t.Errorf("%d requests, %v; want one and an error", asked.Load(), err)
			}
			if err := c.Unanswered(); err != nil {
				t.Errorf("counted as given up: %v", err)
			}
		})
	}
}

// TestGivenUp wants a sentence after a bounded number of attempts, and what
// follows to be given up sooner.
func TestGivenUp(t *testing.T) {
	for what, tc := range map[string]struct {
		fail func(http.ResponseWriter)
		want string
	}{
		"503":     {answers(503, "", ""), "the API server answered 503, 10 times in a row"},
		"after":   {answers(429, "Retry-After", "3600"), "the API server has too many requests"},
		"aborted": {abort, "the connection broke, 10 times in a row"},
		"short":   {half, "the answer was cut off, 10 times in a row"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c, asked := server(t, func(_ int, w http.ResponseWriter, _ *http.Request) bool { tc.fail(w); return true })
			_, err := c.Get(t.Context(), configMap, "a", "0")
			if err == nil || asked.Load() > attempts {
				t.Errorf("%d requests, %v", asked.Load(), err)
			}
			if lost := c.Unanswered(); lost == nil || !strings.Contains(lost.Error(), tc.want) || !strings.Contains(lost.Error(), "GET /api/v1/namespaces/a/configmaps/0") {
				t.Errorf("given up with %v, want %q", lost, tc.want)
			}
			before := asked.Load()
			_, err = c.Get(t.Context(), configMap, "a", "0")
			if n := asked.Load() - before; err == nil || n > fewAttempts {
				t.Errorf("then %d requests, %v", n, err)
			}
		})
	}
}

// TestDeadline wants the deadline to hold while a request is tried again, and
// the error to say what was wrong.
func TestDeadline(t *testing.T) {
	c, _ := server(t, func(_ int, w http.ResponseWriter, _ *http.Request) bool { abort(w); return true })
	c.pause = defaultPause
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := c.Get(ctx, configMap, "a", "0")
	if took := time.Since(start); took > time.Second || err == nil || !strings.Contains(c.Explain(err).Error(), "stopped answering: the connection broke") {
		t.Errorf("after %s: %v", took, c.Explain(err))
	}
	stopped, stop := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, stop)
	if _, err := c.Get(stopped, configMap, "a", "0"); !errors.Is(err, context.Canceled) {
		t.Errorf("a user who interrupts is told %v", err)
	}
}

// TestExpiredList wants a list to go on where the API server has forgotten
// the state that its first page came from, and never to be short.
func TestExpiredList(t *testing.T) {
	expired := func(token string) func(int, http.ResponseWriter, *http.Request) bool {
		return func(_ int, w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("continue") != "page3" {
				return false
			}
			w.WriteHeader(http.StatusGone)
			fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old","metadata":{"continue":%q}}`, token)
			return true
		}
	}
	c, _ := server(t, expired("page03"))
	if got, err := c.List(t.Context(), configMap, "", ""); err != nil || len(got) != 3 {
		t.Errorf("%d objects, %v; want three", len(got), err)
	}
	if got, err := c.ListMeta(t.Context(), configMap, "", ""); err != nil || len(got) != 3 {
		t.Errorf("metadata of %d objects, %v; want three", len(got), err)
	}
	for _, token := range []string{"", "page3"} {
		c, asked := server(t, expired(token))
		if got, err := c.List(t.Context(), configMap, "", ""); err == nil || got != nil || asked.Load() > 20 {
			t.Errorf("continued with %q: %d objects after %d requests, %v; want an error", token, len(got), asked.Load(), err)
		}
	}
}
