package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// connect asks the proxy for a tunnel the way the API server does.
func connect(t *testing.T, socket, address string) (net.Conn, *http.Response) {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", address)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return conn, response
}

func TestProxy(t *testing.T) {
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	go func() {
		for {
			conn, err := target.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn); conn.Close() }()
		}
	}()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	proxy := Serve(listener, func(_ context.Context, host string, port int) (string, error) {
		if host == "10.96.0.7" && port == 443 {
			return target.Addr().String(), nil
		}
		return "", errors.New("nobody\nhere")
	}, io.Discard)
	defer proxy.Close()

	conn, response := connect(t, socket, "10.96.0.7:443")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("refused: %s", response.Status)
	}
	fmt.Fprint(conn, "hello")
	answer := make([]byte, 5)
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "hello" {
		t.Errorf("got %q, %v", answer, err)
	}
	_, response = connect(t, socket, "93.184.216.34:80")
	if response.StatusCode != http.StatusBadGateway || !strings.Contains(response.Status, "nobody here") {
		t.Errorf("got %s", response.Status)
	}
	proxy.Close()
	if _, err := conn.Read(answer); err == nil {
		t.Error("closing the proxy left a tunnel open")
	}
}
