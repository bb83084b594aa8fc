package values

import (
	"regexp"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

var (
	labelForm   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	serviceForm = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	tagForm     = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)
	digestForm  = regexp.MustCompile(`^sha256:[0-9a-f]*$`)
	hubForm     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*$`)
)

// longestRevision leaves room for "istiod-" in the 63 letters that the name
// of a Service may have.
const longestRevision = 56

func revisions(c *snapshot.Config) []*document.Value {
	var out []*document.Value
	for _, v := range []*document.Value{c.Root.At("spec", "revision"), c.Values().Field("revision")} {
		if first(v) != nil {
			out = append(out, v)
		}
	}
	return out
}

func revision(p *rule.Pass, v *document.Value) {
	switch {
	case v.Placeholder() != "":
	case !labelForm.MatchString(v.Text):
		p.Reportf(v, "revision %q is no valid name: it may hold lower-case letters, digits and dashes, as in %q", v.Text, relabelled(v.Text))
	case len(v.Text) > longestRevision:
		p.Reportf(v, "revision %q has %d letters; with more than %d the Service istiod-REVISION gets too long a name", v.Text, len(v.Text), longestRevision)
	}
}

// relabelled turns a name such as 1.31_X into a legal one.
func relabelled(name string) string {
	dashes := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	if fixed := strings.Trim(dashes, "-"); fixed != "" {
		return fixed
	}
	return "1-31"
}

func hub(p *rule.Pass, v *document.Value) {
	switch {
	case v.Text == "" || v.Placeholder() != "":
	case strings.Contains(v.Text, "://"):
		plain := v.Text[strings.Index(v.Text, "://")+3:]
		f := p.Reportf(v, "hub %q must not have a scheme; write %q", v.Text, plain)
		if hubForm.MatchString(plain) {
			f.Propose(v.Replace(plain, document.String), "write %s", plain)
		}
	case strings.HasSuffix(v.Text, "/"):
		plain := strings.TrimRight(v.Text, "/")
		f := p.Reportf(v, "hub %q must not end in a slash; write %q", v.Text, plain)
		if hubForm.MatchString(plain) {
			f.Propose(v.Replace(plain, document.String), "write %s", plain)
		}
	case !hubForm.MatchString(v.Text):
		p.Reportf(v, "hub %q is no valid image repository, want for example docker.io/istio", v.Text)
	}
}

func tag(p *rule.Pass, v *document.Value) {
	if v.Text != "" && v.Placeholder() == "" && !isTag(v.Text) {
		f := p.Reportf(v, "tag %q is no valid image tag: it may hold letters, digits, dots, dashes and underscores", v.Text)
		if plain := strings.TrimSpace(v.Text); isTag(plain) {
			f.Propose(v.Replace(plain, document.String), "write %s, without blanks", plain)
		}
	}
}

// isTag says whether a text can stand behind an image's colon. Lengths are
// counted here, since a regular expression that counts is large.
func isTag(text string) bool {
	name, digest, pinned := strings.Cut(text, "@")
	if pinned && (len(digest) != len("sha256:")+64 || !digestForm.MatchString(digest)) {
		return false
	}
	return len(name) <= 128 && tagForm.MatchString(name)
}

// misspelt proposes the one name that was meant, if that is certain.
func misspelt(f *finding.Finding, v *document.Value, names []string) {
	if meant, certain := schema.Meant(v.Text, names); certain {
		f.Propose(v.Replace(meant, document.String), "write %s", meant)
	}
}
