package traffic

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	api "istio.io/api/networking/v1alpha3"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func regexes() *rule.Rule {
	return &rule.Rule{
		ID: "VS004", Name: "regex", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.VirtualServices},
		Summary: "A VirtualService matches with a regular expression that is invalid, matches more than it says, or could be exact or a prefix.",
		Why:     "Proxies try regular expressions one after the other on every request, and one that is not written with care lets requests through that were not meant.",
		Fix:     "Use exact or prefix where they say the same, and escape dots and name the whole value where they do not.",
		Hints:   []string{"V3"}, Equivalents: []string{"IST0106", "IST0122"},
		Run: func(p *rule.Pass) {
			n := 0
			for _, v := range mesh.Of(p.Snapshot).Routing() {
				for _, e := range expressions(v) {
					n++
					if trouble := examined(e); trouble.text != "" {
						p.Reportf(snapshot.Place(v.VirtualService, e.path), "%s", trouble.text).Severity = trouble.severity
					}
				}
			}
			p.Lookedf("%s, none that exact or prefix could say", finding.Count(n, "regular expression"))
		},
	}
}

// expression is one regular expression of a VirtualService. Only says that it
// may be nothing else, as in a rewrite.
type expression struct {
	regex, path string
	only        bool
	// uri says that the value is a path, host that it is a host name, field that
	// it is one of several by name.
	uri, host, field bool
}

func expressions(v *mesh.VirtualService) []expression {
	var out []expression
	add := func(m *api.StringMatch, e expression) {
		if _, ok := m.GetMatchType().(*api.StringMatch_Regex); ok {
			e.regex, e.path = m.GetRegex(), e.path+".regex"
			out = append(out, e)
		}
	}
	fields := func(matches map[string]*api.StringMatch, path string) {
		for _, key := range slices.Sorted(maps.Keys(matches)) {
			if matches[key].GetRegex() == "*" && strings.HasSuffix(path, ".withoutHeaders") {
				continue // stands for: is there
			}
			add(matches[key], expression{path: path + "." + key, field: true, host: key == "host" || key == ":authority"})
		}
	}
	for i, r := range v.Spec.GetHttp() {
		for j, m := range r.GetMatch() {
			at := fmt.Sprintf("spec.http[%d].match[%d]", i, j)
			add(m.GetUri(), expression{path: at + ".uri", uri: true})
			add(m.GetScheme(), expression{path: at + ".scheme"})
			add(m.GetMethod(), expression{path: at + ".method"})
			add(m.GetAuthority(), expression{path: at + ".authority", host: true})
			fields(m.GetHeaders(), at+".headers")
			fields(m.GetWithoutHeaders(), at+".withoutHeaders")
			fields(m.GetQueryParams(), at+".queryParams")
		}
		for j, o := range r.GetCorsPolicy().GetAllowOrigins() {
			add(o, expression{path: fmt.Sprintf("spec.http[%d].corsPolicy.allowOrigins[%d]", i, j), host: true})
		}
		if rewrite := r.GetRewrite().GetUriRegexRewrite(); rewrite != nil {
			out = append(out, expression{regex: rewrite.GetMatch(), path: fmt.Sprintf("spec.http[%d].rewrite.uriRegexRewrite.match", i), only: true})
		}
	}
	return out
}

// trouble is what is wrong with an expression.
type trouble struct {
	text     string
	severity finding.Severity
}

// maxRegex is the longest expression that istiod takes.
const maxRegex = 1024

func examined(e expression) trouble {
	if _, err := regexp.Compile(e.regex); err != nil {
		return trouble{fmt.Sprintf("\"%s\" is no regular expression of RE2 (%v), and Istio refuses it", e.regex, err), finding.Error}
	}
	switch {
	case e.regex == "":
		return trouble{"the regular expression is empty, and Istio refuses it", finding.Error}
	case len(e.regex) > maxRegex:
		return trouble{fmt.Sprintf("the regular expression has %d characters, and Istio refuses more than %d", len(e.regex), maxRegex), finding.Error}
	case e.only:
		return trouble{}
	}
	return simpler(e)
}
