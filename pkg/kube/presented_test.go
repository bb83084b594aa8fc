package kube

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/streaming/pkg/httpstream"
)

// forwardingTo is an API server whose kubelets forward ports to a backend.
func forwardingTo(t *testing.T, serve func(httpstream.Stream)) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet { // older servers know no websockets
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		kubelet(t, w, r, serve)
	}))
	t.Cleanup(server.Close)
	c, err := newClient(&rest.Config{Host: server.URL}, &patience{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPresented lets a TLS server present its certificate over a forwarded
// port: nothing has to trust it.
func TestPresented(t *testing.T) {
	backend := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(backend.Close)
	c := forwardingTo(t, func(s httpstream.Stream) {
		if port := s.Headers().Get(corev1.PortHeader); port != "15017" {
			t.Errorf("port %s was forwarded", port)
		}
		server := tls.Server(streamConn{s}, backend.TLS)
		if err := server.Handshake(); err != nil {
			t.Errorf("handshake: %v", err)
		}
		if name := server.ConnectionState().ServerName; name != "istiod.istio-system.svc" {
			t.Errorf("asked for %q", name)
		}
		s.Close()
	})
	chain, err := c.Presented(t.Context(), PodPort{"istio-system", "istiod", 15017}, "istiod.istio-system.svc")
	if err != nil || len(chain) != 1 || !chain[0].Equal(backend.Certificate()) {
		t.Errorf("got %v, %v", chain, err)
	}
}

// TestPresentedHasBounds wants neither what is no TLS taken for a certificate
// nor a server that says nothing to be waited for.
func TestPresentedHasBounds(t *testing.T) {
	from := PodPort{"istio-system", "istiod", 15017}
	plain := forwardingTo(t, func(s httpstream.Stream) {
		io.WriteString(s, "HTTP/1.1 400 Bad Request\r\n\r\n")
		s.Close()
	})
	if _, err := plain.Presented(t.Context(), from, "istiod"); err == nil || !strings.Contains(err.Error(), "TLS handshake") {
		t.Errorf("no TLS: %v", err)
	}
	silent := forwardingTo(t, func(httpstream.Stream) {})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := silent.Presented(ctx, from, "istiod"); err == nil {
		t.Error("a server that says nothing presented something")
	}
	if ctx.Err() == nil {
		t.Error("the time was not up")
	}
	refusing := forwarding(t, "")
	if _, err := refusing.Presented(t.Context(), from, "istiod"); err == nil {
		t.Error("a forbidden port presented something")
	}
}
