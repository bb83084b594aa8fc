package kube

import (
	"net/http"
	"sync"
	"time"
)

// clock compares the API server's clock with the local one by the Date of its
// answers. Each bounds the difference: the server wrote the date, cut to whole
// seconds, after the request was sent and before the answer came.
type clock struct {
	mu        sync.Mutex
	low, high time.Duration // the server's clock is ahead by at least, at most
	known     bool
}

// wrap lets the clock see every answer that a transport brings.
func (c *clock) wrap(next http.RoundTripper) http.RoundTripper { return &observed{next, c} }

type observed struct {
	next  http.RoundTripper
	clock *clock
}

// RoundTrip implements http.RoundTripper.
func (o *observed) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := time.Now()
	res, err := o.next.RoundTrip(req)
	if err == nil {
		if date, bad := http.ParseTime(res.Header.Get("Date")); bad == nil {
			o.clock.note(time.Until(date), date.Add(time.Second).Sub(sent))
		}
	}
	return res, err
}

// note narrows the bounds; those that contradict what was known are newer.
func (c *clock) note(low, high time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known && low <= c.high && high >= c.low {
		low, high = max(low, c.low), min(high, c.high)
	}
	c.low, c.high, c.known = low, high, true
}

// skew is how far the server's clock is ahead for certain; negative where it is
// behind.
func (c *clock) skew() (ahead time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.low > 0:
		ahead = c.low
	case c.high < 0:
		ahead = c.high
	}
	return ahead, c.known
}

// Skew is how far the API server's clock is ahead of the local one, as far as
// its answers so far prove it; known is false where none had a date.
func (c *Client) Skew() (ahead time.Duration, known bool) { return c.clock.skew() }
