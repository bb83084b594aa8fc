package schema

import (
	"reflect"

	"github.com/meshctl/meshctl/pkg/facts"
)

// swaggerDoc is what Kubernetes' types say about their fields.
type swaggerDoc interface{ SwaggerDoc() map[string]string }

// describe finds the comment of a field: in the Kubernetes type or the
// message that it is part of, or in the table, which has those that the
// linked code leaves out.
func describe(name string, parent, n *node) string {
	if parent.goType != nil {
		if d, ok := reflect.Zero(parent.goType).Interface().(swaggerDoc); ok {
			return d.SwaggerDoc()[name]
		}
	}
	if text := facts.DescribeField(parent.message, name); text != "" || n.fact == nil {
		return text
	}
	return facts.DescribePath(n.fact.Surface, n.fact.Path)
}
