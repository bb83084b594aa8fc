// Package installed finds out what is installed in a cluster: what meshctl
// recorded there, or what can be read back from an installation of another
// tool.
package installed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/helm"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/record"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Source says how an installation is known.
type Source string

// The sources.
const (
	Recorded Source = "recorded" // by meshctl install
	Istioctl Source = "istioctl" // read back from its objects
	Helm     Source = "Helm"     // read from Helm's releases
)

// Installation is one that a cluster holds.
type Installation struct {
	Owner  snapshot.Owner
	Source Source
	// Istio is the release that made the objects, such as 1.31.0; "" where
	// nothing tells.
	Istio string
	// Configs are what was installed.
	Configs []*snapshot.Config
	// Platform is what the user said when it was recorded.
	Platform string
	// Record is nil unless the source is Recorded.
	Record *record.Stored
	// Releases are Helm's, in the order of installation; Shared says that some
	// of them serve other revisions too.
	Releases []helm.Installed
	Shared   bool
	// Doubts say what could not be read back.
	Doubts []string
	// Unreadable says why what tells of the installation is not understood.
	// Only the owner is known then.
	Unreadable error
}

// String names an installation for a user who has to choose.
func (i Installation) String() string {
	text := i.Name() + " (" + string(i.Source)
	if i.Istio != "" {
		text += ", Istio " + i.Istio
	}
	if i.Unreadable != nil {
		text += ", unreadable"
	}
	return text + ")"
}

// Name names an installation by what it is made of.
func (i Installation) Name() string {
	if i.Source == Helm {
		return "releases " + i.releaseNames() + " of revision " + cmp.Or(i.Owner.Revision, snapshot.DefaultRevision)
	}
	return i.Owner.String()
}

// Readable picks the installations that are understood; the error tells of the
// others.
func Readable(all []Installation) (out []Installation, others error) {
	var errs []error
	for _, i := range all {
		if i.Unreadable != nil {
			errs = append(errs, i.Unreadable)
			continue
		}
		out = append(out, i)
	}
	return out, errors.Join(errs...)
}

// Find lists the installations of a cluster, those in one namespace where it
// is not "". Of a user who may not look everywhere it shows those in the usual
// namespace.
func Find(ctx context.Context, c *kube.Client, namespace string) ([]Installation, error) {
	out, err := find(ctx, c, namespace, "")
	if kube.Forbidden(err) {
		home := cmp.Or(namespace, "istio-system")
		return find(ctx, c, home, home)
	}
	return out, err
}

// find looks for installations of a namespace; their objects may be in others,
// unless the user may look into one only.
func find(ctx context.Context, c *kube.Client, namespace, only string) ([]Installation, error) {
	out, hidden, err := records(ctx, c, namespace)
	if err != nil {
		return nil, err
	}
	found, err := traces(ctx, c, namespace, only)
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		if slices.ContainsFunc(out, func(i Installation) bool { return i.Owner == t.owner }) {
			continue
		}
		i, err := t.reconstruct()
		i.Unreadable = err
		if hidden != nil {
			i.Doubts = append(i.Doubts, "what install may have recorded could not be read: "+kube.Message(hidden))
		}
		out = append(out, i)
	}
	byHelm, err := releases(ctx, c, namespace)
	if err != nil {
		return nil, err
	}
	out = append(out, byHelm...)
	slices.SortFunc(out, func(a, b Installation) int {
		return cmp.Or(cmp.Compare(a.Owner.Namespace, b.Owner.Namespace), cmp.Compare(a.Owner.Revision, b.Owner.Revision), cmp.Compare(a.Owner.Name, b.Owner.Name))
	})
	return out, nil
}

// records are the installations that meshctl recorded. That the user may not
// read Secrets is no error: there are other ways to know.
func records(ctx context.Context, c *kube.Client, namespace string) (out []Installation, hidden, err error) {
	stored, err := record.List(ctx, c, namespace)
	if kube.Forbidden(err) {
		return nil, err, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("looking for what was recorded: %w", err)
	}
	for _, s := range stored {
		i, err := recorded(s)
		if err != nil {
			i = Installation{Owner: snapshot.Signature(s.Secret), Source: Recorded, Unreadable: err}
		}
		out = append(out, i)
	}
	return out, nil, nil
}

// recorded is the installation that a record tells of.
func recorded(s record.Stored) (Installation, error) {
	if s.Refused != nil {
		return Installation{}, s.Refused
	}
	config, err := parse("(recorded in "+snapshot.KeyOf(s.Secret).String()+")", s.Operator)
	if err != nil {
		return Installation{}, err
	}
	return Installation{
		Owner: s.Owner, Source: Recorded, Istio: s.Istio, Platform: s.Platform,
		Configs: []*snapshot.Config{config}, Record: &s,
	}, nil
}

// parse makes a configuration of an IstioOperator in JSON. The places in it
// are those of the same as YAML, which is what people would look at.
func parse(file string, text []byte) (*snapshot.Config, error) {
	readable, err := yaml.JSONToYAML(text)
	if err != nil {
		return nil, fmt.Errorf("reading what is installed %s: it is no IstioOperator", file)
	}
	docs := document.Parse(file, readable)
	if len(docs) != 1 || len(docs[0].Problems) > 0 || docs[0].Root == nil || docs[0].Root.Str("kind") != "IstioOperator" {
		return nil, fmt.Errorf("reading what is installed %s: it is no IstioOperator", file)
	}
	return &snapshot.Config{Root: docs[0].Root}, nil
}

// Embedded says whether meshctl holds the charts that an installation was
// made from; if not, why says so.
func (i Installation) Embedded() (ok bool, why string) {
	switch {
	case i.Istio == facts.EmbeddedRelease:
		return true, ""
	case i.Istio == "":
		return false, fmt.Sprintf("nothing tells which Istio release installed %s, and this meshctl renders the charts of %s", i.Name(), facts.EmbeddedRelease)
	}
	return false, fmt.Sprintf("%s was installed by Istio %s, and this meshctl renders the charts of %s; compare with the meshctl of that release", i.Name(), i.Istio, facts.EmbeddedRelease)
}

// Names lists installations in one line.
func Names(all []Installation) string {
	var out []string
	for _, i := range all {
		out = append(out, i.String())
	}
	return strings.Join(out, "; ")
}
