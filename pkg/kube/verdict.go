package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// failure is an attempt without a usable answer that is worth another one.
// It hides its cause from client-go, which would take it for a reason to
// start over.
type failure struct {
	cause    string
	status   int           // of the answer, if there was one
	wait     time.Duration // that the server asked for
	request  string
	attempts int
}

func (f *failure) Error() string {
	if f.attempts < 2 {
		return f.cause
	}
	return fmt.Sprintf("%s, %d times in a row", f.cause, f.attempts)
}

// verdict says why the request is to be sent again; nil if it is not.
func (p *persistent) verdict(req *http.Request, resp *http.Response, err error) *failure {
	switch {
	case req.Context().Err() != nil:
		return nil
	case err != nil && notSent(err):
		if !p.answered.Load() {
			return nil
		}
		return &failure{cause: brokenBecause(err)}
	case err != nil:
		if !repeatable(req) || !lostConnection(err) {
			return nil
		}
		return &failure{cause: brokenBecause(err)}
	case !proxied(req) && cutOff(resp):
		if !repeatable(req) {
			return nil
		}
		return &failure{cause: "the answer was cut off"}
	}
	return p.refusal(req, resp)
}

// refusal judges the status of an answer. What others than the API server
// failed at is an answer: it fails the same way the next time.
func (p *persistent) refusal(req *http.Request, resp *http.Response) *failure {
	wait := retryAfter(resp)
	f := &failure{cause: fmt.Sprintf("the API server answered %d", resp.StatusCode), status: resp.StatusCode, wait: wait}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		f.cause = "the API server has too many requests"
		return f
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		if wait == 0 && !repeatable(req) || ofOthers(req, resp) {
			return nil
		}
		return f
	}
	return nil
}

// repeatable says that sending the request twice does the same as once.
func repeatable(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodDelete:
		return true
	case http.MethodPatch:
		if req.Header.Get("Content-Type") == string(types.ApplyPatchType) {
			return true
		}
	}
	return req.URL.Query().Get("dryRun") == "All" || strings.HasPrefix(req.URL.Path, "/apis/authorization.k8s.io/")
}

// streams says that the answer has no end to wait for, or the question none
// that could be sent again.
func streams(req *http.Request) bool {
	q := req.URL.Query()
	once := req.Body != nil && req.Body != http.NoBody && req.GetBody == nil
	return once || req.Header.Get("Upgrade") != "" || q.Get("watch") != "" && q.Get("watch") != "false" || q.Get("follow") == "true"
}

// notSent says that no connection came about.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// lostConnection tells a connection that broke from one that must not be
// used, such as for a wrong certificate.
func lostConnection(err error) bool {
	var op *net.OpError
	text := err.Error()
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &op) && op.Op != "remote error" && op.Op != "local error" || strings.Contains(text, "http2:") ||
		strings.Contains(text, "stream error") || strings.Contains(text, "connection broken") ||
		strings.Contains(text, "server closed idle connection")
}

// brokenBecause is a cause in the words of a user.
func brokenBecause(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, context.DeadlineExceeded):
		return "there was no answer in time"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	case notSent(err) && errors.As(err, &op) && op.Err != nil:
		return "no connection came about: " + op.Err.Error()
	}
	return "the connection broke"
}

// cutOff says that an answer ends too early though its connection ended in
// order, as some load balancers do it.
func cutOff(resp *http.Response) bool {
	body, kind := buffered(resp), resp.Header.Get("Content-Type")
	switch {
	case len(body) == 0:
		return false
	case strings.HasPrefix(kind, "application/json"):
		return !bytes.HasSuffix(bytes.TrimRight(body, " \r\n"), []byte("}"))
	case strings.HasPrefix(kind, runtime.ContentTypeProtobuf):
		return !wholeFields(bytes.TrimPrefix(body, []byte("k8s\x00")))
	}
	return false
}

// wholeFields says that a protobuf message holds all of its outermost fields,
// the last of which is the object itself.
func wholeFields(message []byte) bool {
	for len(message) > 0 {
		_, _, n := protowire.ConsumeField(message)
		if n < 0 {
			return false
		}
		message = message[n:]
	}
	return true
}

// proxied says that the answer is that of a pod or a service, in its own words.
func proxied(req *http.Request) bool { return strings.Contains(req.URL.Path, "/proxy/") }

// ofOthers says that the API server only passes on what went wrong elsewhere:
// in a webhook, in the server of an extension, or behind its proxy.
func ofOthers(req *http.Request, resp *http.Response) bool {
	if proxied(req) || string(bytes.TrimSpace(buffered(resp))) == "service unavailable" {
		return true
	}
	for _, text := range []string{"calling webhook", "conversion webhook", "error trying to reach service"} {
		if bytes.Contains(buffered(resp), []byte(text)) {
			return true
		}
	}
	return false
}
