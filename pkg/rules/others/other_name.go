package others

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// otherName finds the IstioOperator of another name, but of the same namespace
// and revision, that an object belongs to. What all revisions share, and tags,
// change hands all the time.
func otherName(m snapshot.Manifest, o *metav1.PartialObjectMetadata) (snapshot.Owner, bool) {
	if !m.Config.IsOperator() || m.Component == "Base" || strings.Contains(m.Object.GetName(), "default-validator") || m.Object.GetLabels()["istio.io/tag"] != "" {
		return snapshot.Owner{}, false
	}
	have, want := unnamed(snapshot.Signature(o)), unnamed(snapshot.OwnerOf(m.Config))
	return have, have.Name != want.Name && have.Namespace == want.Namespace && have.Revision == want.Revision
}

// unnamed drops the name that istioctl gave to what it installed without a
// file's name.
func unnamed(w snapshot.Owner) snapshot.Owner {
	if w.Name == "installed-state" || w.Name == "installed-state-"+w.Revision {
		w.Name = ""
	}
	return w
}

// takeOver reports the objects of one installation that another one would
// write. One without a name, as istioctl makes it, may be given a name.
func takeOver(p *rule.Pass, who snapshot.Owner, names []string) {
	slices.Sort(names)
	ours := snapshot.Owner{}
	for _, c := range p.Configs {
		if c.IsOperator() {
			ours = snapshot.OwnerOf(c)
		}
	}
	f := p.Reportf(finding.Location{Object: names[0], Path: "metadata.labels"}, "%s would take %s from %s, which is another installation by its name: %s",
		ours, finding.Count(len(names), "object"), who, rule.Some(names))
	if p.Settings.TakeOwnership || who.Name == "" {
		f.Severity = finding.Warning
	}
}
