// Package objects holds the rules about objects in files, whatever their kind.
package objects

import "github.com/meshctl/meshctl/pkg/rule"

const category = "Files"

// All returns every rule of the family.
func All() []*rule.Rule {
	return []*rule.Rule{malformed(), replaced(), unknownField(), refusedValue(), unknownKind()}
}
