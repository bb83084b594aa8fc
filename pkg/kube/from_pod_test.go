package kube

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// forwarding is an API server in front of an istiod that answers to its own
// pod only: 401 through the proxy, and an answer over a forwarded port.
func forwarding(t *testing.T, answer string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/pods/istiod:15014/proxy/debug/mesh"):
			w.WriteHeader(http.StatusUnauthorized)
		case strings.HasSuffix(r.URL.Path, "/pods/istiod/portforward") && r.Method == http.MethodPost && answer != "":
			forward(t, w, r, answer)
		case r.Method == http.MethodGet && answer != "": // older servers know no websockets
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	c, err := newClient(&rest.Config{Host: server.URL}, &patience{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forward answers a request over a forwarded port.
func forward(t *testing.T, w http.ResponseWriter, r *http.Request, answer string) {
	kubelet(t, w, r, func(s httpstream.Stream) {
		if port := s.Headers().Get(corev1.PortHeader); port != "15014" {
			t.Errorf("port %s was forwarded", port)
		}
		if request, err := http.ReadRequest(bufio.NewReader(s)); err != nil || request.URL.Path != "/debug/mesh" {
			t.Errorf("request %v, %v", request, err)
		}
		fmt.Fprintf(s, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)
		s.Close()
	})
}

// kubelet speaks the kubelet's side of a forwarded port.
func kubelet(t *testing.T, w http.ResponseWriter, r *http.Request, serve func(httpstream.Stream)) {
	if _, err := httpstream.Handshake(r, w, []string{portforward.PortForwardProtocolV1Name}); err != nil {
		t.Error(err)
		return
	}
	streams := make(chan httpstream.Stream, 2)
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, _ <-chan struct{}) error {
		streams <- s
		return nil
	})
	if conn == nil {
		t.Error("no upgrade")
		return
	}
	defer conn.Close()
	for range 2 {
		if s := <-streams; s.Headers().Get(corev1.StreamType) == corev1.StreamTypeData {
			go serve(s)
		}
	}
	<-conn.CloseChan()
}

func TestFromPodForwardsAPort(t *testing.T) {
	from := PodPort{"istio-system", "istiod", 15014}
	body, err := forwarding(t, `{"trustDomain":"x"}`).FromPod(t.Context(), from, "debug/mesh", 1<<20)
	if err != nil || string(body) != `{"trustDomain":"x"}` {
		t.Errorf("got %q, %v", body, err)
	}
	if _, err := forwarding(t, `{"trustDomain":"x"}`).FromPod(t.Context(), from, "debug/mesh", 4); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("an answer that is too large: %v", err)
	}
	_, err = forwarding(t, "").FromPod(t.Context(), from, "debug/mesh", 1<<20)
	if err == nil || !strings.Contains(err.Error(), "the right to create pods/portforward") {
		t.Errorf("without the right to forward: %v", err)
	}
}

// TestFromPodHasBounds wants neither an answer without end nor a connection that
// never comes about to be waited for.
func TestFromPodHasBounds(t *testing.T) {
	release, endless := make(chan struct{}), true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/portforward"):
			<-release
		case endless:
			for chunk := make([]byte, 1<<16); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	p := &patience{}
	cfg := &rest.Config{Host: server.URL}
	cfg.Wrap(func(next http.RoundTripper) http.RoundTripper { return &persistent{next, p} })
	c, err := newClient(cfg, p)
	if err != nil {
		t.Fatal(err)
	}
	from, start := PodPort{"istio-system", "istiod", 15014}, time.Now()
	if _, err := c.FromPod(t.Context(), from, "debug/mesh", 1<<20); err == nil || !strings.Contains(err.Error(), "larger than 1 MB") {
		t.Errorf("an answer without end: %v", err)
	}
	endless = false
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.FromPod(ctx, from, "debug/mesh", 1<<20); err == nil {
		t.Error("a connection that never came about is no error")
	}
	if took := time.Since(start); took > podLimit/2 {
		t.Errorf("it took %s", took)
	}
}
