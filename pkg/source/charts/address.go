package charts

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
)

// places match addresses in a text: what stands before the host of one, and
// behind its path, may be a token.
var (
	inside   = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)([^\s"'/?#]*@)?([^\s"'?#]*)([?#][^\s"']*)?`)
	userinfo = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*://).*@`)
)

// shown is how a place is printed: of an address its scheme, host and path.
func shown(place string) string {
	if !strings.Contains(place, "://") {
		return place
	}
	if at := strings.IndexAny(place, "?#"); at >= 0 {
		place = place[:at]
	}
	return userinfo.ReplaceAllString(place, "${1}") // also of a password with a slash
}

// hidden is an error that prints addresses as shown does. Those of a registry
// may be signed too, where it sends a reader to a store.
type hidden struct {
	text  string
	cause error
}

func (h *hidden) Error() string { return h.text }
func (h *hidden) Unwrap() error { return h.cause }

func hide(place string, err error) error {
	text := err.Error()
	for _, said := range []string{place, strings.TrimPrefix(place, "oci://")} {
		if strings.Contains(place, "://") {
			text = strings.ReplaceAll(text, said, shown(place))
		}
	}
	return &hidden{inside.ReplaceAllString(text, "${1}${3}"), err}
}

// guarded sends nothing in plain text but what is secret to nobody: questions
// without credentials, to this machine. A registry's client tries plain http
// with private addresses.
type guarded struct{ http.RoundTripper }

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		asks := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case !loopback(r.URL.Hostname()):
			return nil, fmt.Errorf("%s speaks plain http only; charts are fetched with https", r.URL.Host)
		case r.Header.Get("Authorization") != "" || !asks:
			return nil, fmt.Errorf("%s wants credentials in plain http; they are sent with https only", r.URL.Host)
		}
	}
	return g.RoundTripper.RoundTrip(r)
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
