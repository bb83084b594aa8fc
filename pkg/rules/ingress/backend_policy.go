package ingress

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func lostPolicy() *rule.Rule {
	return &rule.Rule{
		ID: "GWY015", Name: "lost-backend-policy", Category: category, Severity: finding.Error,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.BackendTLSPolicies, snapshot.Services, snapshot.ServiceEntries},
		Summary: "A BackendTLSPolicy names a Service or port that is not there, or takes its CA from something else than a ConfigMap.",
		Why:     "Without the target the backend is called in plain text, and without the CA connections to it are closed.",
		Fix:     "Correct the name of the target or its port in the policy's namespace, and put the CA into a ConfigMap.",
		Run: func(p *rule.Pass) {
			x := newTargets(mesh.Of(p.Snapshot))
			entries := map[name]*networking.ServiceEntry{}
			for _, e := range p.ServiceEntries {
				entries[name{e.Namespace, e.Name}] = e
			}
			whole, reason := p.Has(snapshot.Whole)
			for _, policy := range p.BackendTLSPolicies {
				if strings.EqualFold(policy.Annotations["istio.io/ignore-policy-attachment"], "true") {
					continue
				}
				for _, found := range []problem{x.target(policy, entries), authority(policy)} {
					switch {
					case found.text == "":
					case found.absent && !whole:
						p.Undecidedf("%s", reason)
					default:
						p.Reportf(snapshot.Place(policy, found.path), "%s", found.text)
					}
				}
			}
			p.Lookedf("%s, for backends that there are", finding.Count(len(p.BackendTLSPolicies), "BackendTLSPolicy"))
		},
	}
}

// target finds the first target that is not there, of the kinds that Istio knows.
func (x targets) target(policy *gateway.BackendTLSPolicy, entries map[name]*networking.ServiceEntry) problem {
	for i, ref := range policy.Spec.TargetRefs {
		path, to := fmt.Sprintf("spec.targetRefs[%d]", i), name{policy.Namespace, string(ref.Name)}
		var there bool
		var ports []string
		switch {
		case ref.Kind == "Service" && ref.Group == "":
			if there = x.services[to] != nil; there {
				for _, port := range x.services[to].Spec.Ports {
					ports = append(ports, port.Name)
				}
			}
		case ref.Kind == "ServiceEntry" && ref.Group == "networking.istio.io":
			if there = entries[to] != nil; there {
				for _, port := range entries[to].Spec.GetPorts() {
					ports = append(ports, port.GetName())
				}
			}
		default:
			continue // of somebody else
		}
		switch section := text(ref.SectionName, ""); {
		case !there:
			return problem{path + ".name", fmt.Sprintf("there is no %s %s; the policy has no effect", ref.Kind, to), true}
		case section != "" && !slices.Contains(ports, section):
			return problem{path + ".sectionName", fmt.Sprintf("%s %s has no port that is named %s; the policy has no effect", ref.Kind, to, section), false}
		}
	}
	return problem{}
}

// authority finds a CA that Istio does not take.
func authority(policy *gateway.BackendTLSPolicy) problem {
	v := policy.Spec.Validation
	if v.WellKnownCACertificates != nil || len(v.CACertificateRefs) == 0 {
		return problem{}
	}
	// It uses the first only.
	if ref := v.CACertificateRefs[0]; ref.Group != "" || ref.Kind != "ConfigMap" {
		return problem{"spec.validation.caCertificateRefs[0].kind", fmt.Sprintf("Istio takes the CA from a ConfigMap, and from no %s: it closes connections to the backend", ref.Kind), false}
	}
	return problem{}
}
