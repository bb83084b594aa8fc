package values

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func environmentVariable() *rule.Rule {
	return &rule.Rule{
		ID: "VAL011", Name: "environment-variable", Category: fieldsCategory, Severity: finding.Warning,
		Stages: validate(), Needs: configuration(),
		Summary: "An environment variable is not read by the target version, is set to its default, twice, or to a value of another type.",
		Why:     "Programs ignore names that they do not know and take the default for a value that they cannot read, so the setting silently has no effect.",
		Fix:     "Correct the name or the value, or remove the variable.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			for _, c := range p.Configs {
				for _, e := range c.Env() {
					judgeEnv(p, c, e)
					judgeEnvValue(p, c, e)
				}
				repeatedEnv(p, c)
			}
		},
	}
}

func judgeEnv(p *rule.Pass, c *snapshot.Config, e snapshot.Env) {
	at := finding.Locator(e.At)
	if !e.Named {
		at = e.At.Key()
	}
	known, ok := facts.EnvVar(e.Name)
	switch {
	case strings.HasPrefix(e.Name, "ISTIO_META_"), strings.HasPrefix(e.Name, "ISTIO_METAJSON_"):
		// Free names that become metadata of the proxy.
	case !ok:
		unknownEnv(p, c, e, at)
	case known.Removed.Known() && !c.Istio.Before(known.Removed):
		p.Reportf(at, "the environment variable %s was removed in Istio %s; nothing reads it", e.Name, known.Removed).
			Propose(dropEnv(c, e), "remove it")
	case c.Istio.Before(known.First):
		p.Reportf(at, "the environment variable %s exists only since Istio %s, the target is %s", e.Name, known.First, c.Istio)
	case e.Program == known.Program && redundant(c, e, known):
		f := p.Reportf(at, "the environment variable %s is set to %s, which is its default in Istio %s", e.Name, e.Value.Text, c.Istio)
		f.Severity = finding.Info // and no fix: the default may be pinned for an upgrade to come
	}
}

// dropEnv takes a variable out, of a list with its whole item.
func dropEnv(c *snapshot.Config, e snapshot.Env) []finding.Edit {
	if e.Named {
		return e.At.Parent().Remove(nil)
	}
	keep := c.Root
	if c.IsOperator() {
		keep = c.Root.Field("spec")
	}
	return e.At.Remove(keep)
}

// renameEnv gives a variable the name that was meant, where nothing has it.
func renameEnv(c *snapshot.Config, e snapshot.Env, name string) []finding.Edit {
	taken := func(other snapshot.Env) bool { return other.Name == name && other.Program == e.Program }
	switch {
	case slices.ContainsFunc(c.Env(), taken):
		return nil
	case e.Named:
		return e.At.Replace(name, document.String)
	}
	return e.At.Rename(name)
}

// unknownEnv reports a name that no table lists if it is nearly one of them,
// or has a prefix that only istiod's own switches have; the tables are
// complete for the linked release only.
func unknownEnv(p *rule.Pass, c *snapshot.Config, e snapshot.Env, at finding.Locator) {
	if meant, only := nearEnv(e.Name, c.Istio); meant != "" {
		f := p.Reportf(at, "unknown environment variable %q, did you mean %q?", e.Name, meant)
		if only {
			f.Propose(renameEnv(c, e, meant), "rename it to %s", meant)
		}
		return
	}
	if e.Program != facts.Istiod || c.Istio != facts.Embedded() {
		return
	}
	for _, prefix := range []string{"PILOT_", "CITADEL_", "UNSAFE_", "AMBIENT_", "ENABLE_"} {
		if strings.HasPrefix(e.Name, prefix) {
			p.Reportf(at, "istiod %s reads no environment variable %s; remove it", c.Istio, e.Name)
			return
		}
	}
}

// nearEnv is the known name that is at most two letters away. Names are long
// and share most of their words, so more would confuse switches with one
// another. It is the only one if no other is as near.
func nearEnv(name string, istio facts.Minor) (best string, only bool) {
	limit := min(2, len(name)/6)
	for _, known := range facts.EnvNames(istio) {
		d := levenshtein.Distance(strings.ToUpper(name), known, nil)
		switch {
		case d < limit || d == limit && best == "":
			best, limit, only = known, d, true
		case d == limit:
			best, only = min(best, known), false
		}
	}
	return best, only
}

// redundant says whether a variable has its default. A profile or a
// compatibility version may set another value, which the user's replaces.
func redundant(c *snapshot.Config, e snapshot.Env, known *facts.Env) bool {
	if e.Value == nil || !e.Value.Scalar() || e.Value.Kind == document.Null || selects(c) {
		return false
	}
	value, ok := known.Default(c.Istio)
	return ok && value == e.Value.Text && !keepsDefault(c, e)
}

// keepsDefault says that a newer minor has another default, which a variable that
// is set to today's keeps away.
func keepsDefault(c *snapshot.Config, e snapshot.Env) bool {
	kind := facts.IstiodEnv
	if e.Program == facts.CNIAgent {
		kind = facts.CNIEnv
	}
	return facts.Flips(kind, e.Name, e.Value.Text, c.Istio)
}

// selects says whether the configuration selects bundled settings.
func selects(c *snapshot.Config) bool {
	v := c.Values()
	for _, name := range []string{v.Str("profile"), v.Str("global", "profile"), v.Str("compatibilityVersion"),
		v.Str("platform"), v.Str("global", "platform"), c.Root.Str("spec", "compatibilityVersion")} {
		if name != "" {
			return true
		}
	}
	profile := c.Root.Str("spec", "profile")
	return profile != "" && profile != "default"
}
