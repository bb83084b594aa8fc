package facts

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed data/descriptions.tsv
var descriptionsTSV string

// descriptions are read on first use: only the schemas for editors need them.
var descriptions = sync.OnceValue(func() map[[2]string]string {
	out := map[[2]string]string{}
	for c := range rows(descriptionsTSV, 3) {
		out[[2]string{c[0], c[1]}] = c[2]
	}
	return out
})

// DescribeField returns what Istio's own comment says about a field of a
// message, by its full proto name and the field's JSON name; "" where it says
// nothing.
func DescribeField(message, name string) string { return descriptions()[[2]string{message, name}] }

// DescribePath does the same for a path of a surface. A value without a
// comment in its chart has that of the same value in an IstioOperator.
func DescribePath(s Surface, path string) string {
	chart, isChart := strings.CutPrefix(string(s), "helm:")
	if !isChart {
		return descriptions()[[2]string{string(s), DescribedAs(s, path)}]
	}
	root := DescribedAs(s, path)
	if text := descriptions()[[2]string{string(s), root}]; text != "" || chart == "gateway" {
		return text
	}
	prefix := chart + "."
	if chart == "istiod" {
		prefix = "pilot."
	}
	values := descriptions()
	for _, p := range []string{prefix + root, root} {
		for _, suffix := range []string{"", "[]"} {
			if text := values[[2]string{string(Values), p + suffix}]; text != "" {
				return text
			}
		}
	}
	return ""
}

// DescribedAs is the path under which the table has a description: all
// components of a spec share theirs, and the two spellings of the values of
// charts istiod and cni.
func DescribedAs(s Surface, path string) string {
	switch s {
	case Spec:
		rest, ok := strings.CutPrefix(path, "components.")
		if _, below, nested := strings.Cut(rest, "."); ok && nested {
			return "components.*." + below
		}
	case Chart("istiod"):
		return strings.TrimPrefix(path, "pilot.")
	case Chart("cni"):
		return strings.TrimPrefix(path, "cni.")
	}
	return path
}
