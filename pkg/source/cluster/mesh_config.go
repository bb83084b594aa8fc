package cluster

import (
	"cmp"
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// ReadMesh fills the parts of the picture of a mesh that runs: what rules need
// to see, the mesh config, and the version of the control plane, which is the
// one to be judged for.
func ReadMesh(ctx context.Context, c *kube.Client, s *snapshot.Snapshot, wanted []snapshot.Part) error {
	if err := Read(ctx, c, s, append(slices.Clone(wanted), snapshot.ControlPlanes)); err != nil {
		return err
	}
	if err := Complete(ctx, c, s); err != nil {
		return c.Explain(err)
	}
	return nil
}

// Complete adds to the lists of a cluster's objects what the mesh is told; an
// error says that no answer came.
func Complete(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	if err := complete(ctx, r, s); err != nil {
		return err
	}
	if ok, why := s.Has(snapshot.Configuration); ok || len(s.ControlPlanes) == 0 && why == nobody {
		s.Provide(snapshot.Given)
	} else {
		s.Miss(snapshot.Given, why)
	}
	return nil
}

// nobody is why there is no mesh config where nothing reads one.
const nobody = "no control plane runs"

func complete(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	s.Provide(snapshot.Documents)
	s.Provide(snapshot.Whole)
	s.Provide(snapshot.Rendered) // nothing is to be installed
	if ok, why := s.Has(snapshot.ControlPlanes); !ok {
		s.Miss(snapshot.Configuration, why)
		s.Miss(snapshot.Sole, why)
		return nil
	}
	if len(s.ControlPlanes) == 0 {
		s.Miss(snapshot.Configuration, nobody)
		s.Provide(snapshot.Sole)
		return nil
	}
	istiod := chosen(s.ControlPlanes)
	if err := others(ctx, r, s, istiod); err != nil {
		return err
	}
	if minor, err := snapshot.ControlPlaneMinor(istiod); err == nil {
		s.Target.Istio = minor
	}
	return meshConfig(ctx, r, s, istiod)
}

// chosen is the control plane that stands for all of them: that of the default
// revision, if there is one.
func chosen(istiods []*unstructured.Unstructured) *unstructured.Unstructured {
	return slices.MinFunc(istiods, func(a, b *unstructured.Unstructured) int {
		return cmp.Compare(revisionOf(a), revisionOf(b))
	})
}

// revisionOf is the name of a control plane's revision; "" for the default one.
func revisionOf(istiod *unstructured.Unstructured) string {
	if rev := istiod.GetLabels()["istio.io/rev"]; rev != snapshot.DefaultRevision {
		return rev
	}
	return ""
}

// meshConfig reads the ConfigMap that an istiod takes its mesh config from.
func meshConfig(ctx context.Context, r Reader, s *snapshot.Snapshot, istiod *unstructured.Unstructured) error {
	name := "istio"
	if rev := revisionOf(istiod); rev != "" {
		name += "-" + rev
	}
	o, err := r.Get(ctx, kind("", "v1", "ConfigMap"), istiod.GetNamespace(), name)
	switch {
	case kube.Broken(err):
		return err
	case err != nil:
		s.Miss(snapshot.Configuration, "mesh config: "+reason(err))
		return nil
	}
	text, _, _ := unstructured.NestedString(o.Object, "data", "mesh")
	for _, d := range document.Parse("", []byte(text)) {
		if d.Root != nil {
			s.Configs = append(s.Configs, &snapshot.Config{Chart: snapshot.Mesh, Root: d.Root, Istio: s.Target.Istio, ReleaseNamespace: o.GetNamespace()})
			s.MeshConfigMap = snapshot.KeyOf(o).String()
			s.Provide(snapshot.Configuration)
			return nil
		}
	}
	s.Miss(snapshot.Configuration, "mesh config: "+snapshot.KeyOf(o).String()+" holds none")
	return nil
}
