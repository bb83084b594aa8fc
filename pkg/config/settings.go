package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
)

type fields = map[string]func(*document.Value)

func (r *reader) root(v *document.Value) {
	c := r.out
	r.fields(v, "the configuration", fields{
		"fail-on": func(v *document.Value) {
			if text, ok := r.oneOf(v, "error", "warning", "info", "never"); ok {
				c.FailOn = Setting{text, v.Location()}
			}
		},
		"strict":             func(v *document.Value) { c.Strict = r.boolean(v) },
		"select":             func(v *document.Value) { r.list(v, r.selected) },
		"ignore":             func(v *document.Value) { r.list(v, r.ignored) },
		"severity":           r.severities,
		"istio-version":      func(v *document.Value) { c.IstioVersion = r.istio(v) },
		"from-version":       func(v *document.Value) { c.FromVersion = r.from(v) },
		"kubernetes-version": func(v *document.Value) { c.KubernetesVersion = r.kubernetes(v) },
		"platform":           func(v *document.Value) { c.Platform, _ = r.oneOf(v, facts.PlatformIDs()...) },
		"baseline":           func(v *document.Value) { c.Baseline, _ = r.text(v) },
		"rules":              r.ruleSettings,
	})
}

// ruleSettings reads what single rules can be told.
func (r *reader) ruleSettings(v *document.Value) {
	r.fields(v, "rules", fields{
		"TEL001": func(v *document.Value) {
			r.fields(v, v.Path(), fields{
				"metrics": func(v *document.Value) {
					text, _ := r.oneOf(v, "sensitive", "public")
					r.out.Rules.SensitiveMetrics = text == "sensitive"
				},
			})
		},
		"ANN001": func(v *document.Value) {
			r.fields(v, v.Path(), fields{
				"allow": func(v *document.Value) { r.list(v, r.allowedAnnotation) },
			})
		},
		"SE001": func(v *document.Value) {
			r.fields(v, v.Path(), fields{
				"allow": func(v *document.Value) { r.list(v, r.allowedWriter) },
			})
		},
		"SDC002": func(v *document.Value) {
			r.fields(v, v.Path(), fields{"services": r.manyServices})
		},
	})
}

// allowedAnnotation reads a name, which may end with a * for all that begin so.
func (r *reader) allowedAnnotation(v *document.Value) {
	if text, ok := r.text(v); ok {
		r.out.Rules.AllowedAnnotations = append(r.out.Rules.AllowedAnnotations, text)
	}
}

// allowedWriter reads a subject of RBAC, which may end with a * as well.
func (r *reader) allowedWriter(v *document.Value) {
	text, ok := r.text(v)
	if !ok {
		return
	}
	if kind, _, _ := strings.Cut(text, "/"); kind != "User" && kind != "Group" && kind != "ServiceAccount" {
		r.bad(v.Location(), "%s: %q is no subject, want User/NAME, Group/NAME or ServiceAccount/NAMESPACE/NAME", v.Path(), text)
		return
	}
	r.out.Rules.AllowedWriters = append(r.out.Rules.AllowedWriters, text)
}

func (r *reader) manyServices(v *document.Value) {
	n, err := strconv.Atoi(v.Text)
	if v.Kind != document.Int || err != nil || n < 1 {
		r.bad(v.Location(), "%s must be a number from 1 on, is %s", v.Path(), a(v))
		return
	}
	r.out.Rules.ManyServices = n
}

func (r *reader) boolean(v *document.Value) bool {
	if v.Kind != document.Bool {
		r.bad(v.Location(), "%s must be true or false, is %s", v.Path(), a(v))
	}
	return v.IsTrue()
}

func (r *reader) list(v *document.Value, item func(*document.Value)) {
	if v.Kind != document.List {
		r.bad(v.Location(), "%s must be a list, is %s", v.Path(), a(v))
		return
	}
	for _, i := range v.Items() {
		item(i)
	}
}

func (r *reader) selected(v *document.Value) {
	if text, ok := r.text(v); ok {
		if id, ok := r.rule(text, v.Location()); ok {
			r.out.Select = append(r.out.Select, id)
		}
	}
}

// ignored reads an entry of ignore: a rule that is not run at all, or an
// exception with its reason.
func (r *reader) ignored(v *document.Value) {
	if v.Kind == document.Map {
		r.exception(v)
		return
	}
	if text, ok := r.text(v); ok {
		if id, ok := r.rule(text, v.Location()); ok {
			r.out.Ignore = append(r.out.Ignore, id)
		}
	}
}

func (r *reader) exception(v *document.Value) {
	e := Exception{At: v.Location()}
	into := func(s *string) func(*document.Value) { return func(v *document.Value) { *s, _ = r.text(v) } }
	before := len(r.problems)
	r.fields(v, v.Path(), fields{"rule": into(&e.Rule), "path": into(&e.Path), "reason": into(&e.Reason)})
	if len(r.problems) > before {
		return
	}
	ok := true
	if e.Rule == "" {
		r.bad(e.At, "%s names no rule", v.Path())
	} else {
		e.Rule, ok = r.rule(e.Rule, v.Field("rule").Location())
	}
	if strings.TrimSpace(e.Reason) == "" {
		r.bad(e.At, "%s gives no reason; say why, for those who read it next year", v.Path())
	}
	if e.Path != "" {
		e.Path = r.glob(e.Path, v.Field("path").Location())
	}
	if ok && len(r.problems) == before {
		r.out.Exceptions = append(r.out.Exceptions, e)
	}
}

// glob checks a pattern. It names files below the configuration file.
func (r *reader) glob(pattern string, at finding.Location) string {
	clean := strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
	switch {
	case !doublestar.ValidatePattern(clean):
		r.bad(at, "%q is no valid pattern: *, **, ?, [abc] and {a,b} may stand in it", pattern)
	case strings.HasPrefix(clean, "/") || clean == ".." || strings.HasPrefix(clean, "../"):
		r.bad(at, "%q lies outside: a path is relative to the folder of the configuration file", pattern)
	}
	return clean
}

func (r *reader) severities(v *document.Value) {
	if v.Kind != document.Map {
		r.bad(v.Location(), "severity must be a map of rules, is %s", a(v))
		return
	}
	for _, f := range v.Fields() {
		id, ok := r.rule(f.Name(), f.KeyLocation())
		text, good := r.oneOf(f, "error", "warning", "info")
		if !ok || !good {
			continue
		}
		level, err := finding.ParseSeverity(text)
		if err != nil {
			r.bad(f.Location(), "%s", fmt.Sprint(err))
			continue
		}
		r.out.Severity[id] = level
	}
}
