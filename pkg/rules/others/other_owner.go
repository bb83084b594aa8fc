package others

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func otherOwner() *rule.Rule {
	return &rule.Rule{
		ID: "PRE032", Name: "other-owner", Category: "Istio", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Existing},
		Summary: "Objects of this installation are in the cluster already and belong to somebody else.",
		Why:     "Two owners overwrite each other for ever, Helm refuses what is not its release's, and either can delete what the other needs.",
		Fix:     "Go on with the tool that owns the objects, for an IstioOperator with a file of the same metadata.name, let go of them there, or take them over with `meshctl install --take-ownership`.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			theirs, renamed, there := map[snapshot.Keeper][]string{}, map[snapshot.Owner][]string{}, 0
			for _, m := range p.Rendered {
				key := snapshot.KeyOf(m.Object)
				e, ok := p.Existing[key]
				switch {
				case !ok || key.Kind == "Namespace": // which may hold more than Istio
					continue
				case e.Unknown != "":
					p.Undecidedf("objects that exist may not be read: %s", e.Unknown)
					continue
				}
				there++
				if who, differs := otherName(m, e.Meta); differs {
					renamed[who] = append(renamed[who], key.String())
				}
				who, known := snapshot.KeeperOf(e.Meta)
				who.Gone = who.Tool == snapshot.KeeperHelm && e.Orphan
				if foreign(m, who, known) {
					theirs[who] = append(theirs[who], key.String())
				}
			}
			for _, who := range slices.SortedFunc(maps.Keys(theirs), func(a, b snapshot.Keeper) int { return cmp.Compare(a.String(), b.String()) }) {
				fight(p, who, theirs[who])
			}
			for _, who := range slices.SortedFunc(maps.Keys(renamed), func(a, b snapshot.Owner) int { return cmp.Compare(a.Name, b.Name) }) {
				takeOver(p, who, renamed[who])
			}
			p.Lookedf("%d of %d objects exist, all of them this installation's", there, len(p.Rendered))
		},
	}
}

// foreign says whether an owner gets in the way of installing an object.
func foreign(m snapshot.Manifest, who snapshot.Keeper, known bool) bool {
	c := m.Config
	if w := c.Wrapper; w != nil && known && strings.HasPrefix(last(who.Name), w.Name) {
		return false
	}
	if c.IsOperator() {
		return known && who.Tool != snapshot.KeeperIstioctl && !who.Gone
	}
	if c.Chart == "base" && m.Object.GetKind() == "CustomResourceDefinition" && !who.Insists {
		return false // PRE009 speaks of them
	}
	return who.Tool != snapshot.KeeperHelm || foreignRelease(c, who.Name)
}

func last(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// releaseName is the Helm release that a chart's values are for.
func releaseName(c *snapshot.Config) string {
	if c.Wrapper != nil && c.Wrapper.Release != "" {
		return c.Wrapper.Release
	}
	return c.Release()
}

// foreignRelease says whether a release, as namespace/name, is not the one of
// a chart's values. One of a revision is often called as if it had none.
func foreignRelease(c *snapshot.Config, release string) bool {
	plain := c.Chart == "istiod" && c.ReleaseName == "" && release == snapshot.Joined(c.Namespace(), c.Chart)
	return release != snapshot.Joined(c.Namespace(), releaseName(c)) && !plain
}

// fight reports the objects of one owner.
func fight(p *rule.Pass, who snapshot.Keeper, names []string) {
	whose, way := who.String(), "go on with istioctl or an IstioOperator file, or"
	switch {
	case who == snapshot.Keeper{}:
		whose, way = "no Helm release, so that Helm refuses to write to them", "adopt them, or"
	case who.Gone:
		whose, way = who.String()+", which is gone, so that Helm refuses to write to them", "give them the new release's annotations, or"
	case who.Tool == snapshot.KeeperHelm:
		way = "upgrade that release with helm, or"
	case who.Insists:
		whose += ", which puts back what others change"
		way = "change the installation there, or let go of them there and"
	}
	objects := "objects that this installation writes belong"
	if len(names) == 1 {
		objects = "object that this installation writes belongs"
	}
	slices.Sort(names)
	f := p.Reportf(finding.Location{Object: names[0], Path: "metadata"}, "%d %s to %s: %s; %s take them over with `meshctl install --take-ownership`",
		len(names), objects, whose, rule.Some(names), way)
	if p.Settings.TakeOwnership {
		f.Severity = finding.Warning
	}
}
