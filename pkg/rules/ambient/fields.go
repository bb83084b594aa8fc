package ambient

import (
	"fmt"

	api "istio.io/api/security/v1beta1"
)

// field is one of a rule of a policy.
type field struct {
	path, name string
	values     []string
}

// httpFields are those of a rule that are about HTTP.
func httpFields(index int, r *api.Rule) []field {
	var out []field
	add := func(path, name string, values []string) { out = append(out, field{path + "." + name, name, values}) }
	for i, to := range r.GetTo() {
		path, o := at("spec.rules[%d].to[%d].operation", index, i), to.GetOperation()
		add(path, "hosts", o.GetHosts())
		add(path, "notHosts", o.GetNotHosts())
		add(path, "methods", o.GetMethods())
		add(path, "notMethods", o.GetNotMethods())
		add(path, "paths", o.GetPaths())
		add(path, "notPaths", o.GetNotPaths())
	}
	for i, from := range r.GetFrom() {
		path, s := at("spec.rules[%d].from[%d].source", index, i), from.GetSource()
		add(path, "requestPrincipals", s.GetRequestPrincipals())
		add(path, "notRequestPrincipals", s.GetNotRequestPrincipals())
		add(path, "remoteIpBlocks", s.GetRemoteIpBlocks())
		add(path, "notRemoteIpBlocks", s.GetNotRemoteIpBlocks())
	}
	return out
}

func at(format string, numbers ...any) string { return fmt.Sprintf(format, numbers...) }
