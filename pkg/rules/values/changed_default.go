package values

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func changedDefault() *rule.Rule {
	return &rule.Rule{
		ID: "VAL016", Name: "changed-default", Category: fieldsCategory, Severity: finding.Info,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Running},
		Summary: "A default has changed since the minor that runs today, and the values do not say which behaviour is wanted.",
		Why:     "An upgrade changes what the mesh does although no setting was touched.",
		Fix:     "Read the upgrade notes; accept the new behaviour, or pin the old one with the setting or the compatibilityVersion that the finding names.",
		Hints:   []string{"S4"},
		Run: func(p *rule.Pass) {
			from := p.Target.From
			switch {
			case !from.Known():
				p.Lookedf("nothing runs yet")
				return
			case from.Before(facts.Minor{Major: 1, Minor: facts.FirstChanges().Minor - 1}):
				p.Undecidedf("the changes before Istio %s are not in the tables", facts.FirstChanges())
			}
			for _, c := range p.Configs {
				for _, change := range facts.Changes(from, c.Istio) {
					if touches(c, change.Touches) && !pinned(c, change) {
						reportChange(p, c, change)
					}
				}
			}
			p.Lookedf("from Istio %s", from)
		},
	}
}

// reportChange says what is different and what restores it. A change of all
// meshes that nothing restores any more leaves nothing to decide.
func reportChange(p *rule.Pass, c *snapshot.Config, change facts.Change) {
	path, keep := pin(c, change), ""
	compat := p.Target.From.String()
	switch restores := change.Restores(c.Istio, compat); {
	case path != nil && change.Value == "":
		keep = "; set " + strings.Join(path, ".") + " to decide"
	case path != nil && restores:
		keep = fmt.Sprintf("; set %s to %q, or compatibilityVersion to %q, to keep what was", strings.Join(path, "."), change.Value, compat)
	case path != nil:
		keep = fmt.Sprintf("; set %s to %q to keep what was", strings.Join(path, "."), change.Value)
	case restores:
		keep = fmt.Sprintf("; set compatibilityVersion to %q to keep what was", compat)
	case change.Touches != facts.TouchesExcludes && change.Touches != facts.TouchesSelectors:
		return
	}
	p.Missingf(c, changeAt(c, change, path), "since Istio %s %s%s", change.In, change.What, keep)
}

// changeAt is the setting that is touched, or where the pin would stand.
func changeAt(c *snapshot.Config, change facts.Change, path []string) finding.Locator {
	switch change.Touches {
	case facts.TouchesExcludes:
		return excluded(c)[0]
	case facts.TouchesSelectors:
		return c.Mesh().Field("discoverySelectors").Key()
	}
	return c.Nearest(path...)
}

// pin is the path of the setting that decides about a change; nil where the
// target version has none.
func pin(c *snapshot.Config, change facts.Change) []string {
	names := strings.Split(change.Setting, ".")
	switch change.Kind {
	case facts.IstiodEnv, facts.CNIEnv:
		if e, ok := facts.EnvVar(change.Setting); change.ID != "C129-GOMEMLIMIT" && (!ok || !e.In(c.Istio)) {
			return nil
		}
		return append(component(c, change.Kind), "env", change.Setting)
	case facts.ProxyMeta:
		return append(c.MeshPath(), "defaultConfig", "proxyMetadata", change.Setting)
	case facts.MeshField:
		return append(c.MeshPath(), names...)
	case facts.CNIValue:
		if c.IsOperator() && change.Setting == "ambient.shareHostNetworkNamespace" {
			return nil // istioctl's schema does not know it
		}
		return append(component(c, facts.CNIEnv), names...)
	case facts.HelmValue:
		return names
	case facts.Hub:
		if c.IsOperator() {
			return []string{"spec", "hub"}
		}
		return []string{"global", "hub"}
	}
	return nil
}

// component is where the values of istiod or istio-cni stand. In their own
// charts that is the root since 1.24.
func component(c *snapshot.Config, kind facts.SettingKind) []string {
	name := "pilot"
	if kind == facts.CNIEnv {
		name = "cni"
	}
	switch {
	case c.IsOperator():
		return []string{"spec", "values", name}
	case c.Istio.Before(facts.Minor{Major: 1, Minor: 24}):
		return []string{name}
	}
	return nil
}

// pinned says whether the values decide about a change, themselves or through
// compatibilityVersion.
func pinned(c *snapshot.Config, change facts.Change) bool {
	version := c.Values().Str("compatibilityVersion")
	if c.IsOperator() && version == "" {
		version = c.Root.Str("spec", "compatibilityVersion")
	}
	if change.Restores(c.Istio, version) {
		return true
	}
	names := strings.Split(change.Setting, ".")
	switch change.Kind {
	case facts.IstiodEnv, facts.CNIEnv, facts.ProxyMeta:
		for _, e := range c.Env() {
			if e.Name == change.Setting || change.Setting == "GOMEMLIMIT" && e.Name == "AUTOMEMLIMIT" {
				return true
			}
		}
	case facts.MeshField:
		for _, mesh := range c.MeshConfigs() {
			if given(mesh.At(names...)) {
				return true
			}
		}
	case facts.CNIValue:
		return given(c.Values().Field("cni").At(names...)) || !c.IsOperator() && given(c.Root.At(names...))
	case facts.HelmValue:
		return given(c.Root.At(names...)) || given(c.Root.Field(names[len(names)-1]))
	}
	return false
}

func given(v *document.Value) bool { return v != nil && v.Kind != document.Null }
