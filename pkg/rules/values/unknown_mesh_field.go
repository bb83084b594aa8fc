package values

import (
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func unknownMeshField() *rule.Rule {
	return &rule.Rule{
		ID: "VAL008", Name: "unknown-mesh-field", Category: fieldsCategory, Severity: finding.Error,
		Stages: anyFile(), Needs: []snapshot.Part{snapshot.Given},
		Summary: "A field below meshConfig does not exist in the target version.",
		Why:     "Neither istioctl nor Helm nor istiod reports it: the mesh runs without the setting.",
		Fix:     "Correct the name; the reference of istio.mesh.v1alpha1 lists all fields.",
		Hints:   []string{"S3"},
		Run: func(p *rule.Pass) {
			report(p, schema.Unknown, func(s facts.Surface) bool { return s == facts.MeshConfig || s == facts.ProxyConfig })
		},
	}
}
