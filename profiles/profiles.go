// Package profiles holds the IstioOperator profiles that meshctl adds to
// Istio's own. Their files say why each setting is there.
package profiles

import (
	"embed"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Profile is one ready configuration.
type Profile struct {
	Name string
	// Summary says in one line what the profile is for.
	Summary string
	// Platform is the ID of the platform that it is for, "" for any.
	Platform string
}

// All lists the profiles, sorted by name.
func All() []Profile {
	return []Profile{
		{"aks", "production on Azure Kubernetes Service, for every network plugin", "aks"},
		{"eks", "production on Amazon EKS, with istio-cni and a Network Load Balancer", "eks"},
		{"gke", "production on Google Kubernetes Engine, with istio-cni", "gke"},
		{"openshift", "production on Red Hat OpenShift, with istio-cni under multus", "openshift"},
		{"production", "production on any Kubernetes: two of everything, distroless, access logs", ""},
	}
}

// Names lists the names of All.
func Names() []string {
	var out []string
	for _, p := range All() {
		out = append(out, p.Name)
	}
	return out
}

// YAML returns a profile's file, comments included; ok is false where there
// is none of that name.
func YAML(name string) (data []byte, ok bool) {
	if strings.Contains(name, "/") {
		return nil, false
	}
	data, err := files.ReadFile(name + ".yaml")
	return data, err == nil
}
