package kube

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestClock asks servers whose clocks are wrong, right, or not told.
func TestClock(t *testing.T) {
	for name, tc := range map[string]struct {
		ahead time.Duration
		date  bool
	}{
		"behind": {-5 * time.Minute, true},
		"ahead":  {2 * time.Hour, true},
		"same":   {0, true},
		"none":   {0, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Date"] = nil
				if tc.date {
					w.Header().Set("Date", time.Now().Add(tc.ahead).UTC().Format(http.TimeFormat))
				}
			}))
			defer server.Close()
			c := &clock{}
			for range 2 {
				res, err := (&http.Client{Transport: c.wrap(http.DefaultTransport)}).Get(server.URL)
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close()
			}
			ahead, known := c.skew()
			// The header has whole seconds, and the answer takes its time.
			if off := (ahead - tc.ahead).Abs(); known != tc.date || off > 30*time.Second || tc.ahead == 0 && ahead != 0 {
				t.Errorf("%s ahead, known %t; want %s, %t", ahead, known, tc.ahead, tc.date)
			}
		})
	}
}
