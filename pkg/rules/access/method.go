package access

import (
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unknownMethod() *rule.Rule {
	return &rule.Rule{
		ID: "AUTHZ005", Name: "unknown-method", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.AuthorizationPolicies},
		Summary:     "A policy names a method that no request has.",
		Why:         "Methods are compared letter by letter, so that get or /pkg.Service/Method matches nothing and the rule has no effect.",
		Fix:         "Write HTTP methods in capital letters; for gRPC write POST and put the method's full name into paths.",
		Equivalents: []string{"KIA0102"},
		Run: func(p *rule.Pass) {
			for _, policy := range p.AuthorizationPolicies {
				for _, c := range allClauses(policy) {
					if c.name != "methods" && c.name != "notMethods" && c.name != "request.method" {
						continue
					}
					if i := slices.IndexFunc(c.values, func(v string) bool { return !possibleMethod(v) }); i >= 0 {
						p.Reportf(snapshot.Place(policy, c.path), "no request has method %q; %s", c.values[i], instead(c.values[i]))
						break
					}
				}
			}
			p.Lookedf("%s, with methods that there are", finding.Count(len(p.AuthorizationPolicies), "AuthorizationPolicy"))
		},
	}
}

func instead(method string) string {
	switch {
	case strings.HasPrefix(method, "/"):
		return "gRPC calls are POST; put this into paths"
	case slices.Contains(httpMethods(), strings.ToUpper(method)):
		return "write " + strings.ToUpper(method)
	}
	return "write a method of HTTP, such as GET"
}

// possibleMethod says whether a value matches some method. Wildcards match by
// prefix or suffix; a method of its own that is all capitals is taken for one.
func possibleMethod(value string) bool {
	part := strings.Trim(value, "*")
	if part == "" || slices.Contains(httpMethods(), value) {
		return true
	}
	if part != value {
		return strings.ToUpper(part) == part && !strings.Contains(part, "/")
	}
	return strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == "" && !misspelt(value)
}

// misspelt says whether a word is one letter off a common method: a letter too
// many, too few, or another one.
func misspelt(word string) bool {
	return slices.ContainsFunc([]string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"}, func(method string) bool {
		return near(word, method) || near(method, word)
	})
}

// near says whether leaving out a letter of a longer word, or another letter in
// one place, makes the shorter one.
func near(long, short string) bool {
	for i := range long {
		rest := long[i+1:]
		if long[:i]+rest == short || len(long) == len(short) && long[:i] == short[:i] && rest == short[i+1:] {
			return true
		}
	}
	return false
}

// httpMethods are the registered ones that are in use, and those of caches.
func httpMethods() []string {
	return []string{
		"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "ACL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "LABEL", "LINK", "LOCK",
		"MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "ORDERPATCH", "PRI", "PROPFIND", "PROPPATCH", "REBIND", "REPORT",
		"SEARCH", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL", "QUERY", "PURGE", "BAN", "REFRESH",
	}
}
