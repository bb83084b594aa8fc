package files

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// release is a Helm release as an object of a GitOps tool describes it.
type release struct {
	snapshot.Wrapper
	// chart is the chart's name or path as written; "" for a patch that
	// leaves it to the object it is laid over.
	chart string
	// repository is where the chart comes from: a URL or the name of one.
	repository string
	namespace  string
	// values are nil where none are set; at is the place to name then.
	values, at *document.Value
	unseen     []snapshot.Unseen
	// off says that the release is not installed.
	off bool
}

// configs are the configurations that the release installs: none where its
// chart is not Istio's, several for an umbrella chart.
func (r release) configs() []*snapshot.Config {
	values := r.values
	if values == nil || values.Kind == document.Null {
		values = empty(r.at)
	}
	chart := r.istio(values)
	if chart == "" {
		chart = meantChart(r.chart, r.repository)
		r.MeantChart = chart
	}
	if chart == "" || strings.Contains(r.chart, "/") {
		if parts := umbrella(values); parts != nil {
			r.Version = nil // it is the umbrella chart's own
			for _, c := range parts {
				r.complete(c)
			}
			return parts
		}
	}
	if chart == "" {
		return nil
	}
	c := &snapshot.Config{Chart: chart, Root: unwrap(values)}
	r.complete(c)
	return []*snapshot.Config{c}
}

// complete fills in what the release says about one of its configurations.
func (r release) complete(c *snapshot.Config) {
	wrapper := r.Wrapper
	c.Off, c.Patch = c.Off || r.off, r.chart == ""
	c.Wrapper, c.ReleaseNamespace, c.Unseen = &wrapper, known(r.namespace), r.unseen
	wrapper.Pinned = pinned(wrapper.Version)
	if c.Istio = wrapper.Pinned; c.Istio.Known() {
		c.Istio = nearest(c.Istio)
	}
}

// istio finds out which of Istio's charts the release installs. Charts called
// base, cni or gateway exist elsewhere too, so those need a second sign.
func (r release) istio(values *document.Value) string {
	if known(r.chart) == "" {
		return r.guess(values)
	}
	chart, certain := dependency(chartName(r.chart))
	switch {
	case chart == "gateway" && values.Field("gateways") != nil:
		return "" // a chart of the time before 1.12, or another project's
	case certain || chart != "" && (r.mentions("istio") || evidence(chart, values) > 0):
		return chart
	}
	return ""
}

// guess judges by the values, or by the name of the release, where the chart
// is not said: a patch for another object, or an expression.
func (r release) guess(values *document.Value) string {
	for _, name := range []string{r.Release, r.Name} {
		if chart, certain := dependency(name); certain || chart != "" && evidence(chart, values) > 0 {
			return chart
		}
	}
	return chartOf("", content(values))
}

func (r release) mentions(word string) bool {
	return slices.ContainsFunc([]string{r.repository, r.chart, r.namespace, r.Namespace, r.Release, r.Name}, func(s string) bool {
		return strings.Contains(strings.ToLower(s), word)
	})
}

var archive = regexp.MustCompile(`(-v?[0-9]+\.[0-9]+\.[0-9]+.*)?\.tgz$`)

// chartName is the last part of a chart's path or address, without a version.
func chartName(chart string) string {
	name := path.Base(strings.TrimSuffix(chart, "/"))
	return archive.ReplaceAllString(name, "")
}

// known returns a text, or "" where another tool has still to fill it in.
func known(text string) string {
	if (&document.Value{Kind: document.String, Text: text}).Placeholder() != "" {
		return ""
	}
	return text
}

// nearest is the minor that knows most about another one: itself, or the
// first or the last one of the table.
func nearest(istio facts.Minor) facts.Minor {
	releases := facts.Releases()
	first, last := releases[0].Istio, releases[len(releases)-1].Istio
	switch {
	case istio.Before(first):
		return first
	case last.Before(istio):
		return last
	}
	return istio
}
