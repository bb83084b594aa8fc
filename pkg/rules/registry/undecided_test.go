package registry_test

import (
	"slices"
	"testing"

	"istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/registry"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestNotTold wants no verdict about addresses that Istio may give where nobody
// has seen the mesh config.
func TestNotTold(t *testing.T) {
	s := &snapshot.Snapshot{Target: snapshot.Target{Istio: facts.Embedded()}}
	for _, name := range []string{"orders", "users"} {
		e := &networking.ServiceEntry{Spec: v1alpha3.ServiceEntry{
			Hosts: []string{name + ".example.com"}, Resolution: v1alpha3.ServiceEntry_DNS,
			Ports: []*v1alpha3.ServicePort{{Number: 5432, Name: "tcp", Protocol: "TCP"}},
		}}
		e.Name, e.Namespace = name, "shop"
		s.ServiceEntries = append(s.ServiceEntries, e)
	}
	all := registry.All()
	r := all[slices.IndexFunc(all, func(r *rule.Rule) bool { return r.ID == "SE007" })]
	p := rule.NewPass(r, s)
	r.Run(p)
	if len(p.Findings()) > 0 || len(p.Undecided()) != 1 {
		t.Errorf("findings %v, undecided %v", p.Findings(), p.Undecided())
	}
}
