package installed

import (
	"context"
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/helm"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// releases are the installations that consist of Helm releases: one for each
// istiod, with the gateways of its revision and what all revisions share.
func releases(ctx context.Context, c *kube.Client, namespace string) ([]Installation, error) {
	found, err := helm.New(c).Releases(ctx, namespace)
	if kube.Forbidden(err) { // who may not read Secrets may know by other ways
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for what is installed: %w", c.Explain(err))
	}
	if len(found) == 0 {
		return nil, nil
	}
	var out []Installation
	for _, r := range found {
		if r.Config.Chart == "istiod" {
			out = append(out, Installation{Owner: snapshot.Owner{Namespace: r.Namespace, Revision: named(r.Config.Revision())}, Source: Helm, Istio: r.AppVersion})
		}
	}
	if len(out) == 0 {
		out = []Installation{{Owner: snapshot.Owner{Namespace: found[0].Namespace}, Source: Helm, Istio: found[0].AppVersion}}
	}
	for i := range out {
		out[i].collect(found, len(out) == 1)
	}
	return out, nil
}

// collect takes the releases that belong to an installation.
func (i *Installation) collect(found []helm.Installed, alone bool) {
	for _, r := range found {
		same := named(r.Config.Revision()) == i.Owner.Revision
		switch r.Config.Chart {
		case "istiod":
			same = same && r.Namespace == i.Owner.Namespace
		case "gateway":
			same = same || alone
		default: // shared by all
			same = true
			i.Shared = i.Shared || !alone
		}
		if !same {
			continue
		}
		i.Configs = append(i.Configs, r.Config)
		i.Releases = append(i.Releases, r)
		if r.AppVersion != i.Istio {
			i.Doubts = append(i.Doubts, fmt.Sprintf("release %s is of Istio %s", r.Release, r.AppVersion))
		}
		if r.Status != "deployed" {
			i.Doubts = append(i.Doubts, fmt.Sprintf("release %s is not deployed, but %s", r.Release, r.Status))
		}
	}
}

// named drops the name that labels give to the revision without one.
func named(revision string) string {
	if revision == snapshot.DefaultRevision {
		return ""
	}
	return revision
}

func (i Installation) releaseNames() string {
	var out []string
	for _, r := range i.Releases {
		out = append(out, r.Release.String())
	}
	return strings.Join(out, ", ")
}
