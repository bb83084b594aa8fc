package kube

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream" //lint:ignore SA1019 client-go gives and takes these types
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	streaming "k8s.io/streaming/pkg/httpstream"
)

// throughForward reads a path over a forwarded port.
func (c *Client) throughForward(ctx context.Context, from PodPort, path string, limit int64) (body []byte, err error) {
	err = c.forwarded(ctx, from, func(stream io.ReadWriter) error {
		body, err = request(stream, path, limit)
		return err
	})
	return body, err
}

// forwarded lends a connection to a port of a pod, which reaches the pod from
// within: it takes the right to pods/portforward, and changes nothing.
func (c *Client) forwarded(ctx context.Context, from PodPort, use func(io.ReadWriter) error) error {
	at := c.typed.CoreV1().RESTClient().Post().Namespace(from.Namespace).Resource("pods").Name(from.Pod).SubResource("portforward").URL()
	dialer, err := forwardDialer(c.config, at)
	if err != nil {
		return fmt.Errorf("preparing to forward a port: %w", err)
	}
	conn, err := dial(ctx, dialer)
	if err != nil {
		return fmt.Errorf("forwarding a port: %w", err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	return exchange(conn, from, use)
}

// dial gives up when ctx ends, which client-go's dialers know nothing of. A
// connection that comes about afterwards is closed.
func dial(ctx context.Context, dialer httpstream.Dialer) (httpstream.Connection, error) {
	type dialled struct {
		conn httpstream.Connection
		err  error
	}
	done := make(chan dialled, 1)
	go func() {
		conn, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
		done <- dialled{conn, err}
	}()
	select {
	case d := <-done:
		return d.conn, d.err
	case <-ctx.Done():
	}
	go func() {
		if d := <-done; d.err == nil {
			d.conn.Close()
		}
	}()
	return nil, errors.New("no connection came about in time")
}

// forwardDialer takes websockets, and SPDY where the API server or a proxy
// before it knows them not, as kubectl does.
func forwardDialer(config *rest.Config, at *url.URL) (httpstream.Dialer, error) {
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	old := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, at)
	recent, err := portforward.NewSPDYOverWebsocketDialer(at, config)
	if err != nil {
		return nil, err
	}
	return portforward.NewFallbackDialer(recent, old, func(err error) bool {
		return streaming.IsUpgradeFailure(err) || streaming.IsHTTPSProxyError(err)
	}), nil
}

// exchange opens a forwarded port of a connection and lends it. It is a pair of
// streams: what the kubelet has to complain of comes on the first, and the
// second is the connection to the pod.
func exchange(conn httpstream.Connection, from PodPort, use func(io.ReadWriter) error) error {
	headers := http.Header{}
	headers.Set(corev1.PortHeader, strconv.Itoa(from.Port))
	headers.Set(corev1.PortForwardRequestIDHeader, "0")
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	complaints, err := conn.CreateStream(headers)
	if err != nil {
		return fmt.Errorf("forwarding a port: %w", err)
	}
	complaints.Close() // nothing is sent on it
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := conn.CreateStream(headers)
	if err != nil {
		return fmt.Errorf("forwarding a port: %w", err)
	}
	defer data.Close()
	if err = use(data); err == nil {
		return nil
	}
	if text := complaint(complaints); text != "" {
		return &PodError{text}
	}
	return err
}

// complaint is why the kubelet could not reach the pod; "" where it says
// nothing in a moment.
func complaint(from io.Reader) string {
	said := make(chan string, 1)
	go func() {
		text, _ := atMost(from, 1<<16)
		said <- strings.TrimSpace(string(text))
	}()
	select {
	case text := <-said:
		return text
	case <-time.After(500 * time.Millisecond):
		return ""
	}
}

func request(stream io.ReadWriter, path string, limit int64) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, "http://localhost/"+path, nil)
	if err != nil {
		return nil, err
	}
	r.Close = true
	if err := r.Write(stream); err != nil {
		return nil, &PodError{err.Error()}
	}
	answer, err := http.ReadResponse(bufio.NewReader(stream), r)
	if err != nil {
		return nil, &PodError{"it ended the connection: " + err.Error()}
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, &PodError{"it answered " + answer.Status}
	}
	return atMost(answer.Body, limit)
}
