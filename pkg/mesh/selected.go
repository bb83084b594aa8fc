package mesh

import (
	"slices"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// selected are Istio Gateways with the same selector.
type selected struct {
	labels   map[string]string
	gateways []*networking.Gateway
}

// selectors are those of Gateways, whatever their namespace.
type selectors struct {
	all   []*selected
	index Selecting[*selected]
}

func selectorsOf(gateways []*networking.Gateway) selectors {
	var out selectors
	known := map[string]*selected{}
	for _, g := range gateways {
		wanted := g.Spec.GetSelector()
		key := labels.Set(wanted).String()
		if known[key] == nil {
			known[key] = &selected{labels: wanted}
			out.all = append(out.all, known[key])
			out.index.Add("", wanted, known[key])
		}
		known[key].gateways = append(known[key].gateways, g)
	}
	return out
}

// take says whether Gateways select a workload that may be a gateway: one with
// a proxy that is said to be a sidecar is none.
func (s selectors) take(w *Workload) bool {
	if slices.ContainsFunc(w.Spec.Containers, func(c corev1.Container) bool {
		return c.Name == "istio-proxy" && len(c.Args) > 1 && c.Args[1] == "sidecar"
	}) {
		return false
	}
	return len(s.index.By("", w.Labels)) > 0
}
