package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// attempts is how often a request is sent that gets no usable answer.
	// Together they take about ten seconds.
	attempts = 10
	// fewAttempts is for what follows once a request was given up: a server
	// that fails for good is not asked ten times for each of a hundred objects.
	fewAttempts = 3
	// attemptTimeout is how long one of them may take; the API server itself
	// gives up after as long.
	attemptTimeout = time.Minute
	defaultPause   = 50 * time.Millisecond
	longestPause   = 2 * time.Second
	// longestWait bounds what a Retry-After may ask for.
	longestWait = 30 * time.Second
)

// patience is what the requests of one client know of each other.
type patience struct {
	pause time.Duration // before the second attempt
	// answered says that the API server has been reached once: one that never
	// was is reported at once.
	answered atomic.Bool
	// lone is held by a request that is sent again because its connection
	// broke: others on the same connection would break it for each other.
	lone sync.RWMutex

	mu    sync.Mutex
	first error // of the requests that were given up
}

func (p *patience) giveUp(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first == nil {
		p.first = err
	}
}

// Unanswered is the first request that got no usable answer however often it
// was sent, whatever was made of that. A report may lack what it asked for.
func (c *Client) Unanswered() error {
	var f *failure
	if errors.As(c.gaveUp(), &f) {
		return fmt.Errorf("%s: %w", f.request, f)
	}
	return nil
}

func (p *patience) gaveUp() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.first
}

// StartOver forgets what was given up, where all of it is asked for again.
func (c *Client) StartOver() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first = nil
}

func (p *patience) limit() int {
	if p.gaveUp() != nil {
		return fewAttempts
	}
	return attempts
}

// persistent sends a request again that got no usable answer: the connection
// broke, the answer was cut off, the server was busy or failed. client-go does
// so only where the server asks for it. A request that could do something
// twice is sent again only where the first one was certainly not carried out.
type persistent struct {
	next http.RoundTripper
	*patience
}

// RoundTrip implements http.RoundTripper. It returns answers whole.
func (p *persistent) RoundTrip(req *http.Request) (*http.Response, error) {
	if streams(req) {
		return p.next.RoundTrip(req)
	}
	var why *failure // of the last attempt
	for n, pause := 1, p.pause; ; n, pause = n+1, min(2*pause, longestPause) {
		resp, err := p.once(req, why != nil && why.status == 0)
		if ended(req.Context()) && why != nil && err != nil {
			return nil, p.final(req, why, n-1)
		}
		if why = p.verdict(req, resp, err); why == nil {
			return resp, err
		}
		if n < p.limit() && why.wait <= longestWait && sleep(req.Context(), max(pause, why.wait)) {
			continue
		}
		if err := req.Context().Err(); err != nil && !ended(req.Context()) {
			return nil, err
		}
		if err = p.final(req, why, n); why.status == 0 {
			return nil, err
		}
		resp.Header.Del("Retry-After") // client-go would start over
		return resp, nil
	}
}

// ended says that the time is up, as against a user who gave up.
func ended(ctx context.Context) bool { return errors.Is(ctx.Err(), context.DeadlineExceeded) }

// final remembers what became of a request in the end.
func (p *persistent) final(req *http.Request, why *failure, n int) error {
	why.request, why.attempts = req.Method+" "+req.URL.Path, n
	p.giveUp(why)
	return why
}

// once makes one attempt and reads the answer to its end.
func (p *persistent) once(req *http.Request, alone bool) (*http.Response, error) {
	if alone {
		p.lone.Lock()
		defer p.lone.Unlock()
	} else {
		p.lone.RLock()
		defer p.lone.RUnlock()
	}
	ctx, cancel := context.WithTimeout(req.Context(), attemptTimeout)
	defer cancel()
	again := req.Clone(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		again.Body = body
	}
	resp, err := p.next.RoundTrip(again)
	if err != nil {
		return nil, err
	}
	p.answered.Store(true)
	if resp.Body, err = whole(resp, bodyLimit(ctx)); err != nil {
		return nil, err
	}
	return resp, nil
}

// sleep is a Pause that is not begun where the time does not suffice.
func sleep(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return false
	}
	return Pause(ctx, d)
}

// retryAfter is the pause that the server asks for; 0 if it does not.
func retryAfter(resp *http.Response) time.Duration {
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// read is the body of an answer, which can be looked at before it is used.
type read struct {
	bytes.Reader
	data []byte
}

// Close implements io.Closer.
func (*read) Close() error { return nil }

// limited is the key of a request's limit.
type limited struct{}

// withBodyLimit bounds what is read of the answers of requests.
func withBodyLimit(ctx context.Context, limit int64) context.Context {
	return context.WithValue(ctx, limited{}, limit)
}

func bodyLimit(ctx context.Context) int64 {
	if limit, ok := ctx.Value(limited{}).(int64); ok {
		return limit
	}
	return math.MaxInt64 - 1 // the API server's own answers are trusted
}

// whole reads an answer to its end, or one byte more than the limit, which
// tells that there is more.
func whole(resp *http.Response, limit int64) (*read, error) {
	defer resp.Body.Close()
	var buf bytes.Buffer
	if resp.ContentLength > 0 {
		buf.Grow(int(min(resp.ContentLength, limit)) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1)); err != nil {
		return nil, err
	}
	r := &read{data: buf.Bytes()}
	r.Reset(r.data)
	return r, nil
}

func buffered(resp *http.Response) []byte {
	if r, ok := resp.Body.(*read); ok {
		return r.data
	}
	return nil
}
