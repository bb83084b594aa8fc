package main

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// faultProxy stands on loopback between the command line and the sandbox's API
// server, as a load balancer does, and spoils the requests it is told to. It
// has the rights of the sandbox's kubeconfig; --as works through it.
type faultProxy struct {
	t          *testing.T
	kubeconfig string

	mu       sync.Mutex
	match    func(*http.Request) bool
	when     func(n int) bool
	do       fault
	matched  int
	injected int
}

// fault answers one request in the place of the proxy; forward passes it on.
type fault func(w http.ResponseWriter, r *http.Request, forward http.Handler)

// startProxy starts a proxy that passes everything on, until inject is called.
func (b *box) startProxy(t *testing.T) *faultProxy {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", b.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	upstream, err := url.Parse(cfg.Host)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0)
	forward := &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1, ErrorLog: quiet,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(upstream)
			r.Out.Header.Del("Authorization") // the transport has its own
		},
	}
	p := &faultProxy{t: t}
	p.clear()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, forward) }))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = quiet
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connection{}, c)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	p.kubeconfig = proxyKubeconfig(t, server)
	return p
}

// connection is the key of a request's connection in its context.
type connection struct{}

func proxyKubeconfig(t *testing.T, server *httptest.Server) string {
	t.Helper()
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.crt")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "kubeconfig")
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: proxy,
clusters: [{name: proxy, cluster: {server: %q, certificate-authority: %q}}],
contexts: [{name: proxy, context: {cluster: proxy, user: proxy}}], users: [{name: proxy, user: {token: none}}]}`, server.URL, ca)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// meshctl runs a command line in this process through the proxy. Other
// programs take p.kubeconfig.
func (p *faultProxy) meshctl(args ...string) result {
	p.t.Helper()
	return meshctl(p.t, append(args, "--kubeconfig", p.kubeconfig)...)
}

// inject lets a fault happen to the requests that match (nil: all) and whose
// number among those, from 1, is wanted: every(3), only(7), all. It replaces
// what was injected before and counts anew.
func (p *faultProxy) inject(do fault, match func(*http.Request) bool, when func(n int) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.do, p.match, p.when, p.matched, p.injected = do, match, when, 0, 0
}

// clear passes everything on again.
func (p *faultProxy) clear() { p.inject(nil, nil, func(int) bool { return false }) }

// count says how many requests matched since inject, and how many of them met
// the fault.
func (p *faultProxy) count() (matched, injected int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.matched, p.injected
}

func (p *faultProxy) serve(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	if do := p.next(r); do != nil {
		do(w, r, forward)
		return
	}
	forward.ServeHTTP(w, r)
}

func (p *faultProxy) next(r *http.Request) fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.match != nil && !p.match(r) {
		return nil
	}
	p.matched++
	if !p.when(p.matched) {
		return nil
	}
	p.injected++
	return p.do
}

func all(int) bool { return true }

func every(n int) func(int) bool { return func(i int) bool { return i%n == 0 } }

func only(n int) func(int) bool { return func(i int) bool { return i == n } }

// isWrite picks the requests that change something: neither reads nor dry
// runs nor questions about permissions.
func isWrite(r *http.Request) bool {
	return r.Method != http.MethodGet && !isDryRun(r) && !strings.HasSuffix(r.URL.Path, "/selfsubjectaccessreviews")
}

func isDryRun(r *http.Request) bool { return r.URL.Query().Get("dryRun") == "All" }

func isRead(r *http.Request) bool { return r.Method == http.MethodGet }

// reset drops the whole connection, and with it all requests on it, before
// the request reaches the API server.
func reset(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	drop(r)
}

// lost passes the request on and drops the connection in the place of the
// answer: what was asked has happened.
func lost(_ http.ResponseWriter, r *http.Request, forward http.Handler) {
	forward.ServeHTTP(httptest.NewRecorder(), r)
	drop(r)
}

func drop(r *http.Request) {
	conn := r.Context().Value(connection{}).(net.Conn)
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset instead of an orderly end
	}
	conn.Close()
	panic(http.ErrAbortHandler)
}

// delay passes the request on after a while.
func delay(by time.Duration) fault {
	return func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		select {
		case <-time.After(by):
		case <-r.Context().Done():
		}
		forward.ServeHTTP(w, r)
	}
}

// answer replies with a status instead of passing the request on; retryAfter
// is the header of that name, none if empty.
func answer(status int, retryAfter string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		http.Error(w, http.StatusText(status), status)
	}
}

// cut passes the request on and ends the answer in the middle of its body:
// abruptly, or as if that were all of it.
func cut(abruptly bool) fault {
	return func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		r.Header.Del("Accept-Encoding") // half of a compressed body is another fault
		whole := httptest.NewRecorder()
		forward.ServeHTTP(whole, r)
		for name, values := range whole.Header() {
			w.Header()[name] = values
		}
		body := whole.Body.Bytes()
		if !abruptly {
			w.Header().Del("Content-Length")
		}
		w.WriteHeader(whole.Code)
		_, _ = w.Write(body[:len(body)/2])
		if abruptly {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}
