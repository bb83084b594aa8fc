package snapshot

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshctl/meshctl/pkg/document"
)

// IstiodApp is the label app of istiod's Deployments and pods.
const IstiodApp = "istiod"

const injectorName = "istio-sidecar-injector"

// IsInjector says whether a ConfigMap's name is that of an istiod's injector.
func IsInjector(name string) bool {
	return name == injectorName || strings.HasPrefix(name, injectorName+"-")
}

// Injector is what an istiod's ConfigMap says about injection.
type Injector struct {
	ConfigMap *corev1.ConfigMap
	Revision  string
	// Image is the proxy's, as a reference.
	Image string
	// OptIn says that only pods that ask for it are injected.
	OptIn         bool
	Never, Always []labels.Selector
}

// injectorValues are the Helm values of istiod in it, as far as they matter.
type injectorValues struct {
	Global struct {
		Hub   string `json:"hub"`
		Tag   any    `json:"tag"` // 1.3 may be a number
		Proxy struct {
			Image string `json:"image"`
		} `json:"proxy"`
	} `json:"global"`
}

// InjectorOf reads an istiod's ConfigMap. What cannot be understood in it is
// left out.
func InjectorOf(c *corev1.ConfigMap) *Injector {
	out := &Injector{ConfigMap: c, Revision: strings.TrimPrefix(strings.TrimPrefix(c.Name, injectorName), "-")}
	if out.Revision == "" {
		out.Revision = DefaultRevision
	}
	var values injectorValues
	if json.Unmarshal([]byte(c.Data["values"]), &values) == nil {
		out.Image = values.image()
	}
	for _, d := range document.Parse("", []byte(c.Data["config"])) {
		if d.Root != nil {
			out.OptIn = d.Root.Str("policy") == "disabled"
			out.Never, out.Always = Selectors(d.Root.Field("neverInjectSelector")), Selectors(d.Root.Field("alwaysInjectSelector"))
		}
	}
	return out
}

func (v injectorValues) image() string {
	image := v.Global.Proxy.Image
	switch {
	case strings.Contains(image, "/"):
		return image
	case v.Global.Tag == nil:
		return ""
	case image == "":
		image = "proxyv2"
	}
	return v.Global.Hub + "/" + image + ":" + fmt.Sprint(v.Global.Tag)
}
