package schema

import "reflect"

// swaggerDoc is what Kubernetes' types say about their fields.
type swaggerDoc interface{ SwaggerDoc() map[string]string }

// describe finds the comment of a field that is part of a Kubernetes type;
// the comments of Istio's own types are not in the linked code.
func describe(name string, parent *node) string {
	if parent.goType == nil {
		return ""
	}
	d, ok := reflect.Zero(parent.goType).Interface().(swaggerDoc)
	if !ok {
		return ""
	}
	return d.SwaggerDoc()[name]
}
