package live

import (
	"encoding/base64"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// hook is one webhook of an istiod, of whatever revision or tag.
type hook struct {
	config *unstructured.Unstructured
	name   string
	// service that the API server calls; zero where it calls a URL.
	service snapshot.Key
	port    int64
	bundle  []byte
}

func (h hook) at(field string) finding.Location {
	return snapshot.Place(h.config, "webhooks["+h.name+"]."+field)
}

// hooks are the webhooks of all istiods in the cluster.
func hooks(p *rule.Pass) []hook {
	var out []hook
	for _, o := range p.Webhooks {
		if !snapshot.OfIstiod(o) {
			continue
		}
		for _, w := range snapshot.AdmissionWebhooks(o) {
			out = append(out, newHook(o, w))
		}
	}
	return out
}

func newHook(o *unstructured.Unstructured, w map[string]any) hook {
	h := hook{config: o, name: fmt.Sprint(w["name"]), port: 443}
	client, _ := w["clientConfig"].(map[string]any)
	if text, _ := client["caBundle"].(string); text != "" {
		h.bundle, _ = base64.StdEncoding.DecodeString(text)
	}
	if s, ok := client["service"].(map[string]any); ok {
		h.service = snapshot.Key{Kind: "Service", Namespace: fmt.Sprint(s["namespace"]), Name: fmt.Sprint(s["name"])}
		if port, ok := s["port"].(int64); ok {
			h.port = port
		}
	}
	return h
}
