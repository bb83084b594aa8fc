package live

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func injectionWorks() *rule.Rule {
	return &rule.Rule{
		ID: "POST006", Name: "injection-works", Category: "Probes", Severity: finding.Error,
		Stages:      []rule.Stage{rule.Verify},
		Needs:       []snapshot.Part{snapshot.Probes, snapshot.Rendered},
		Summary:     "A pod in an injected namespace, sent as a dry run, comes back without the sidecar or with another image.",
		Why:         "Workloads would start outside the mesh, in plain text and without policy.",
		Fix:         "Check the injector's webhooks (POST002), the labels of the namespace, and istiod's log.",
		Hints:       []string{"S8"},
		Equivalents: []string{"IST0103"},
		Run: func(p *rule.Pass) {
			for _, probe := range p.Probes {
				if probe.Name != snapshot.InjectionProbe {
					continue
				}
				at := finding.Location{Object: "Pod/" + probe.Namespace + "/(dry run)"}
				switch {
				case probe.Failed != "":
					failedProbe(p, at, probe)
				case probe.Denied != "":
					p.Undecidedf("an admission webhook refused the probe's pod: %s", probe.Denied)
				default:
					sidecar(p, at, probe.Object)
				}
			}
		},
	}
}

func sidecar(p *rule.Pass, at finding.Location, pod *unstructured.Unstructured) {
	image := proxyImage(pod)
	want := expectedImage(p)
	rev := tagged(p)
	switch {
	case image != "" && rev != "":
		p.Lookedf("a pod in namespace %s was injected with %s by revision %s, for which the default tag stands", pod.GetNamespace(), image, rev)
	case image == "":
		p.Reportf(at, "the pod came back without a sidecar: no webhook injected it")
	case want == "":
		p.Undecidedf("the pod was injected with %s, but the rendered injector names no image to compare with", image)
	case !mirrored(image, want):
		p.Reportf(at, "the pod was injected with image %s, expected is %s", image, want)
	case image != want:
		p.Undecidedf("the pod was injected with %s, expected is %s: whether the cluster changes registries as it admits pods is not known", image, want)
	default:
		p.Lookedf("a pod in namespace %s was injected with %s", pod.GetNamespace(), image)
	}
}

// tagged is the running revision that injects in the place of the one without
// a name, because the default tag was moved to it; "" where it was not.
func tagged(p *rule.Pass) string {
	for _, part := range []snapshot.Part{snapshot.Webhooks, snapshot.ControlPlanes} {
		if ok, _ := p.Has(part); !ok {
			return ""
		}
	}
	unnamed := slices.ContainsFunc(p.Configs, func(c *snapshot.Config) bool { return c.Revision() == "" })
	for _, t := range snapshot.Tags(p.Webhooks) {
		if unnamed && t.Name == snapshot.DefaultRevision && t.Revision != snapshot.DefaultRevision && runningRevisions(p)[t.Revision] {
			return t.Revision
		}
	}
	return ""
}

// proxyImage finds istio-proxy among the containers, or among the init
// containers where it runs as a native sidecar.
func proxyImage(pod *unstructured.Unstructured) string {
	for _, field := range []string{"containers", "initContainers"} {
		list, _, _ := unstructured.NestedSlice(pod.Object, "spec", field)
		for _, c := range list {
			if m, ok := c.(map[string]any); ok && m["name"] == "istio-proxy" {
				return fmt.Sprint(m["image"])
			}
		}
	}
	return ""
}

// expectedImage is what the rendered injector will use: the image of its
// values, with the variant that values or mesh config choose.
func expectedImage(p *rule.Pass) string {
	for _, m := range p.Rendered {
		text, ok, _ := unstructured.NestedString(m.Object.Object, "data", "values")
		if !ok || m.Object.GetKind() != "ConfigMap" || !strings.HasPrefix(m.Object.GetName(), "istio-sidecar-injector") {
			continue
		}
		global := parse(text).Field("global")
		image := global.Str("proxy", "image")
		if strings.Contains(image, "/") {
			return image
		}
		image = global.Str("hub") + "/" + image + ":" + global.Str("tag")
		if variant := imageType(p, global); variant != "" && !strings.HasSuffix(image, "-"+variant) {
			image += "-" + variant
		}
		return image
	}
	return ""
}

func imageType(p *rule.Pass, global *document.Value) string {
	for _, m := range p.Rendered {
		text, ok, _ := unstructured.NestedString(m.Object.Object, "data", "mesh")
		if !ok {
			continue
		}
		if t := parse(text).Str("defaultConfig", "image", "imageType"); t != "" {
			if t == "default" {
				return ""
			}
			return t
		}
	}
	return global.Str("variant")
}
