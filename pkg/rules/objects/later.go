package objects

import (
	"strings"

	"github.com/Masterminds/semver/v3"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/gateway-api/pkg/consts"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// later says of which API an object of a group may be that knows more than the
// one at hand; "" where nothing tells that there is such an API.
func later(p *rule.Pass, group string, taken bool) string {
	switch {
	case taken:
		return "the cluster that it was read from has a later API"
	case group == gateway.GroupName:
		return laterGateway(p)
	case strings.HasSuffix(group, ".istio.io"):
		return laterIstio(p)
	}
	if kubernetes, err := facts.ParseMinor(p.Target.Kubernetes); err == nil && facts.EmbeddedKubernetes().Before(kubernetes) {
		return "Kubernetes " + kubernetes.String() + " knows it"
	}
	return ""
}

// laterGateway looks at the definitions of the Gateway API: it is installed
// apart from Istio, and without them its release is not known.
func laterGateway(p *rule.Pass) string {
	ours, err := semver.NewVersion(consts.BundleVersion)
	if err != nil {
		return ""
	}
	told := false
	for _, crd := range p.CRDs {
		have, err := semver.NewVersion(crd.GetAnnotations()[consts.BundleVersionAnnotation])
		if err != nil {
			continue
		}
		if told = true; ours.LessThan(have) {
			return "release " + have.Original() + " of the Gateway API knows it"
		}
	}
	if told {
		return ""
	}
	return "the cluster has a release of the Gateway API after " + consts.BundleVersion
}

func laterIstio(p *rule.Pass) string {
	for _, d := range p.ControlPlanes {
		if minor, err := snapshot.ControlPlaneMinor(d); err == nil && facts.Embedded().Before(minor) {
			return "Istio " + minor.String() + " knows it"
		}
	}
	return ""
}
