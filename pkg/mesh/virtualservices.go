package mesh

import (
	"cmp"
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// MeshGateway is what the gateways of a VirtualService name for all sidecars.
const MeshGateway = "mesh"

// VirtualService is one with what istiod makes of its names.
type VirtualService struct {
	*networking.VirtualService
	// Hosts are full names.
	Hosts []string
	// Gateways are namespace/name, or MeshGateway.
	Gateways []string
	Visible  Visibility
	// Roots are those that delegate to it.
	Roots []*VirtualService
}

// Mesh says whether sidecars take it.
func (v *VirtualService) Mesh() bool { return slices.Contains(v.Gateways, MeshGateway) }

// Delegate says whether it has no hosts of its own.
func (v *VirtualService) Delegate() bool { return len(v.Hosts) == 0 }

// Routing lists the VirtualServices, the oldest first.
func (m *Mesh) Routing() []*VirtualService { return m.routing().all }

type routing struct{ all []*VirtualService }

func (m *Mesh) routing() *routing {
	return snapshot.Derived(m.Snapshot, func(*snapshot.Snapshot) *routing { return newRouting(m) })
}

func newRouting(m *Mesh) *routing {
	out := &routing{}
	names := map[string]*VirtualService{}
	for _, v := range m.Snapshot.VirtualServices {
		one := m.virtual(v)
		out.all = append(out.all, one)
		names[v.Namespace+"/"+v.Name] = one
	}
	slices.SortStableFunc(out.all, func(a, b *VirtualService) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace))
	})
	for _, v := range out.all {
		for _, http := range v.Spec.GetHttp() {
			d := http.GetDelegate()
			if d == nil {
				continue
			}
			if to := names[cmp.Or(d.GetNamespace(), v.Namespace)+"/"+d.GetName()]; to != nil && !slices.Contains(to.Roots, v) {
				to.Roots = append(to.Roots, v)
			}
		}
	}
	return out
}

func (m *Mesh) virtual(v *networking.VirtualService) *VirtualService {
	out := &VirtualService{
		VirtualService: v, Visible: visibility(v.Spec.GetExportTo(), m.Config.GetDefaultVirtualServiceExportTo(), v.Namespace),
	}
	for _, host := range v.Spec.GetHosts() {
		out.Hosts = append(out.Hosts, strings.ToLower(m.FQDN(host, v.Namespace)))
	}
	out.Gateways = GatewayNames(v.Spec.GetGateways(), v.Namespace)
	if len(out.Gateways) == 0 && !out.Delegate() {
		out.Gateways = []string{MeshGateway}
	}
	return out
}

// GatewayNames completes the names of gateways with the namespace of the
// VirtualService that they stand in, as istiod does: name, namespace/name,
// ./name, and the old name.namespace.svc.cluster.local.
func GatewayNames(names []string, namespace string) []string {
	var out []string
	for _, name := range names {
		if name != MeshGateway {
			name = gatewayName(name, namespace)
		}
		out = append(out, name)
	}
	return out
}

func gatewayName(name, namespace string) string {
	if in, rest, ok := strings.Cut(name, "/"); ok {
		if in == "." {
			in = namespace
		}
		return in + "/" + rest
	}
	if first, rest, ok := strings.Cut(name, "."); ok {
		in, _, _ := strings.Cut(rest, ".")
		return in + "/" + first
	}
	return namespace + "/" + name
}
