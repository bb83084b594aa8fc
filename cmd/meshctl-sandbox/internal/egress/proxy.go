// Package egress is the only way out of the API server. Webhooks, aggregated
// APIs and the proxy subresources dial addresses inside the cluster; there is no
// cluster network, so a CONNECT proxy on a unix socket leads those addresses to
// the processes of the sandbox, and nowhere else.
package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// dialLimit is how long a process of ours may take to accept a connection.
const dialLimit = 5 * time.Second

// Resolver says where an address inside the cluster leads to.
type Resolver func(ctx context.Context, host string, port int) (address string, err error)

// Proxy answers CONNECT requests on a listener.
type Proxy struct {
	listener net.Listener
	resolve  Resolver
	log      io.Writer

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// Serve accepts connections until the proxy is closed. What it refuses, and
// why, goes to log.
func Serve(listener net.Listener, resolve Resolver, log io.Writer) *Proxy {
	p := &Proxy{listener: listener, resolve: resolve, log: log, conns: map[net.Conn]struct{}{}}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go p.handle(conn)
		}
	}()
	return p
}

// Close stops listening and cuts all connections.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) handle(conn net.Conn) {
	p.track(conn, true)
	defer p.track(conn, false)
	defer conn.Close()
	reader := bufio.NewReader(conn)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	target, err := p.dial(request)
	if err != nil {
		fmt.Fprintf(p.log, "%s refused %s: %v\n", time.Now().Format(time.RFC3339), request.RequestURI, err)
		refuse(conn, err)
		return
	}
	p.track(target, true)
	defer p.track(target, false)
	defer target.Close()
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	pipe(conn, reader, target)
}

// dial resolves and connects.
func (p *Proxy) dial(request *http.Request) (net.Conn, error) {
	if request.Method != http.MethodConnect {
		return nil, errors.New("this proxy only takes CONNECT")
	}
	host, text, err := net.SplitHostPort(request.RequestURI)
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	port, err := net.LookupPort("tcp", text)
	if err != nil {
		return nil, fmt.Errorf("reading the port: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialLimit)
	defer cancel()
	address, err := p.resolve(ctx, host, port)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", address)
}

// refuse puts the reason into the status line, which is the only part of the
// answer that the API server repeats to its client.
func refuse(conn net.Conn, err error) {
	reason := []byte("meshctl-sandbox: " + err.Error())
	for i, c := range reason {
		if c < ' ' || c > '~' {
			reason[i] = ' '
		}
	}
	fmt.Fprintf(conn, "HTTP/1.1 502 %s\r\nContent-Length: 0\r\n\r\n", reason)
}

// pipe copies both ways until either side is done.
func pipe(client net.Conn, fromClient io.Reader, target net.Conn) {
	done := make(chan struct{}, 2)
	go func() {
		_, _ = io.Copy(target, fromClient)
		_ = target.(*net.TCPConn).CloseWrite()
		done <- struct{}{}
	}()
	go func() {
		_, _ = io.Copy(client, target)
		done <- struct{}{}
	}()
	<-done
	_ = client.SetDeadline(time.Now().Add(time.Second)) // let the other direction finish what it has
	_ = target.SetDeadline(time.Now().Add(time.Second))
	<-done
}

func (p *Proxy) track(conn net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.conns[conn] = struct{}{}
	} else {
		delete(p.conns, conn)
	}
}
