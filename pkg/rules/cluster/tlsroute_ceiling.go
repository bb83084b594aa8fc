package cluster

import (
	"strings"

	"github.com/Masterminds/semver/v3"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const tlsRoutes = "tlsroutes.gateway.networking.k8s.io"

// ceiling reports TLSRoutes that patches of some older minors refuse to read:
// those want a bundle of 1.4.1 at most, while Istio 1.30 and newer want 1.5.0
// at least, so no bundle is right for both sides of the upgrade.
func ceiling(p *rule.Pass, crd *metav1.PartialObjectMetadata) {
	have, err := semver.NewVersion(crd.GetAnnotations()[bundleVersion])
	if crd.Name != tlsRoutes || err != nil {
		return
	}
	for _, d := range p.ControlPlanes {
		image := snapshot.ControlPlaneImage(d)
		running, err := semver.NewVersion(strings.TrimSuffix(image[strings.LastIndex(image, ":")+1:], "-distroless"))
		if err != nil || !hasCeiling(running) {
			continue
		}
		if have.GreaterThan(semver.New(1, 4, 1, "", "")) {
			p.Reportf(snapshot.Place(crd, "metadata.annotations"), "bundle %s is newer than 1.4.1, above which Istio %s, which runs, ignores TLSRoutes; they work once the new istiod runs",
				have.Original(), running).Severity = finding.Warning
		} else {
			p.Reportf(snapshot.Place(crd, "metadata.annotations"), "Istio %s, which runs, ignores TLSRoutes of bundles newer than 1.4.1, so replace the CRDs and istiod in one step",
				running).Severity = finding.Info
		}
		return
	}
}

// hasCeiling names the patches with that limit: from 1.27.9, 1.28.6 and 1.29.2.
func hasCeiling(v *semver.Version) bool {
	first := map[uint64]uint64{27: 9, 28: 6, 29: 2}
	patch, ok := first[v.Minor()]
	return v.Major() == 1 && ok && v.Patch() >= patch
}
