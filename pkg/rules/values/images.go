package values

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// image is what the charts make the image of one component from.
type image struct {
	component    string
	tag, variant *document.Value // nil where nothing sets them
	// full is an image that is named in full, so that neither tag nor variant
	// are used; nil for others.
	full *document.Value
	// injected marks the proxy, whose image the injector composes.
	injected bool
}

// images lists the images that a configuration installs, from the effective
// values; none where the profile does not exist.
func images(c *snapshot.Config) []image {
	if c.Effective == nil {
		return nil
	}
	v := c.EffectiveValues()
	var out []image
	add := func(component, label, prefix string) {
		if c.ComponentEnabled(component) {
			out = append(out, resolve(c, v, component, label, prefix))
		}
	}
	add("pilot", "istiod", "pilot")
	if c.ComponentEnabled("pilot") {
		out = append(out, proxy(v))
	}
	add("cni", "istio-cni", "cni")
	add("ztunnel", "ztunnel", "ztunnel")
	return out
}

// resolve follows the charts: a component's own setting, at the root for
// its own chart or below its name, wins over the global one.
func resolve(c *snapshot.Config, v *document.Value, component, label, prefix string) image {
	own := func(field string) *document.Value {
		found := []*document.Value{v.At(prefix, field)}
		if c.IsOperator() {
			found = append([]*document.Value{c.Effective.At("spec", "components", component, field)}, found...)
		} else {
			found = append(found, v.Field(field))
		}
		return first(append(found, v.At("global", field))...)
	}
	return image{component: label, tag: own("tag"), variant: own("variant"), full: inFull(own("image"))}
}

func proxy(v *document.Value) image {
	return image{
		component: "the proxies", injected: true,
		tag:     v.At("global", "tag"),
		variant: first(v.At("meshConfig", "defaultConfig", "image", "imageType"), v.At("global", "proxy", "variant"), v.At("global", "variant")),
		full:    inFull(v.At("global", "proxy", "image")),
	}
}

// inFull returns a value that names an image in full; nil for a bare name,
// which the charts put between hub and tag.
func inFull(v *document.Value) *document.Value {
	if v == nil || !strings.Contains(v.Text, "/") {
		return nil
	}
	return v
}

// first returns the first value that is set and not empty, as Helm's default
// does.
func first(values ...*document.Value) *document.Value {
	for _, v := range values {
		if v.Scalar() && v.Kind != document.Null && v.Text != "" {
			return v
		}
	}
	return nil
}

// tagged returns the image's own suffix that a tag ends in, "" if none.
func tagged(tag *document.Value) string {
	if tag == nil {
		return ""
	}
	for _, variant := range []string{"debug", "distroless"} {
		if strings.HasSuffix(tag.Text, "-"+variant) {
			return variant
		}
	}
	return ""
}

// tags lists every image tag that a configuration writes.
func tags(c *snapshot.Config) []*document.Value { return named(c.Root, "tag") }

// hubs lists every image hub that a configuration writes.
func hubs(c *snapshot.Config) []*document.Value { return named(c.Root, "hub") }

// named collects the scalars with a key where the charts read it: not inside
// free maps such as environment variables, labels or overlays.
func named(v *document.Value, key string) []*document.Value {
	var out []*document.Value
	for _, f := range v.Fields() {
		switch f.Name() {
		case key:
			if f.Scalar() && f.Kind != document.Null {
				out = append(out, f)
			}
		case "spec", "values", "unvalidatedValues", "global", "pilot", "cni", "istio_cni", "ztunnel", "repair", "components", "base", "gateways",
			"istio-ingressgateway", "istio-egressgateway":
			out = append(out, named(f, key)...)
		case "ingressGateways", "egressGateways":
			for _, item := range f.Items() {
				out = append(out, named(item, key)...)
			}
		}
	}
	return out
}
