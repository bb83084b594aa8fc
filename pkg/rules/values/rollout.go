package values

import (
	"regexp"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/rule"
)

// countForm is what Kubernetes takes where a number or a percentage is
// allowed.
var countForm = regexp.MustCompile(`^[0-9]+%?$`)

// rollout judges how many pods may be missing or too many in an update.
func rollout(p *rule.Pass, w workload) {
	surge := set(w.k8s.At("strategy", "rollingUpdate", "maxSurge"), w.values.Field("rollingMaxSurge"))
	missing := set(w.k8s.At("strategy", "rollingUpdate", "maxUnavailable"), w.values.Field("rollingMaxUnavailable"))
	if !share(p, w, surge) || !share(p, w, missing) || w.chartGateway() {
		return
	}
	if nothing(surge) && nothing(missing) && (w.wrote(surge) || w.wrote(missing)) {
		p.Reportf(w.place(surge, missing), "maxSurge and maxUnavailable of %s are both 0, so no update could ever begin; the API server refuses it", w.name)
	}
}

// share reports a text that is neither a number nor a percentage.
func share(p *rule.Pass, w workload, v *document.Value) bool {
	if !v.Scalar() || v.Placeholder() != "" || !w.wrote(v) || countForm.MatchString(v.Text) && !w.quoted(v) {
		return true
	}
	v = w.original(v)
	f := p.Reportf(v, "%s of %s is %q; want a number of pods without quotes, or a percentage such as 25%%", v.Name(), w.name, v.Text)
	plain := strings.ReplaceAll(v.Text, " ", "")
	switch {
	case !countForm.MatchString(plain):
	case strings.HasSuffix(plain, "%"):
		f.Propose(v.Replace(plain, document.String), "write %s", plain)
	case plain == v.Text:
		f.Propose(v.Replace(plain, document.Int), "remove the quotes")
	}
	return false
}

// quoted says whether a number is a text for Kubernetes. The charts take the
// quotes off; what istioctl patches keeps them.
func (w workload) quoted(v *document.Value) bool {
	return strings.HasPrefix(v.Name(), "max") && v.Kind != document.Int && !strings.HasSuffix(v.Text, "%")
}

func nothing(v *document.Value) bool {
	return v.Scalar() && v.Kind != document.Null && strings.Trim(strings.TrimSuffix(v.Text, "%"), "0") == "" && v.Text != ""
}
