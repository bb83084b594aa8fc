package mesh_test

import (
	"testing"

	api "istio.io/api/security/v1beta1"
	types "istio.io/api/type/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/mesh"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const (
	strict     = api.PeerAuthentication_MutualTLS_STRICT
	permissive = api.PeerAuthentication_MutualTLS_PERMISSIVE
	disable    = api.PeerAuthentication_MutualTLS_DISABLE
	unset      = api.PeerAuthentication_MutualTLS_UNSET
)

func policy(namespace, name string, mode api.PeerAuthentication_MutualTLS_Mode, selector map[string]string) *security.PeerAuthentication {
	pa := &security.PeerAuthentication{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	pa.Spec.Mtls = &api.PeerAuthentication_MutualTLS{Mode: mode}
	if selector != nil {
		pa.Spec.Selector = &types.WorkloadSelector{MatchLabels: selector}
	}
	return pa
}

func TestPeerMode(t *testing.T) {
	s := &snapshot.Snapshot{}
	pod := func(namespace, app string) *mesh.Workload {
		return &mesh.Workload{
			Object: &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: app}},
			Labels: map[string]string{"app": app}, Spec: &corev1.PodSpec{},
		}
	}
	ported := policy("shop", "cart", unset, map[string]string{"app": "cart"})
	ported.Spec.PortLevelMtls = map[uint32]*api.PeerAuthentication_MutualTLS{8080: {Mode: disable}, 9090: {Mode: unset}}
	s.PeerAuthentications = []*security.PeerAuthentication{
		policy("istio-system", "default", strict, nil),
		policy("istio-system", "selecting", disable, map[string]string{"app": "istiod"}),
		policy("legacy", "default", permissive, nil),
		policy("inherits", "default", unset, nil),
		ported,
	}
	s.Provide(snapshot.PeerAuthentications)
	m := mesh.Of(s)
	for _, tc := range []struct {
		namespace, app string
		port           uint32
		want           api.PeerAuthentication_MutualTLS_Mode
	}{
		{"shop", "web", 8080, strict},
		{"shop", "cart", 8080, disable},
		{"shop", "cart", 9090, strict},
		{"shop", "cart", 80, strict},
		{"legacy", "web", 80, permissive},
		{"inherits", "web", 80, strict},
		{"istio-system", "istiod", 80, strict},
	} {
		if got, _ := m.PeerMode(pod(tc.namespace, tc.app), tc.port); got != tc.want {
			t.Errorf("%s/%s:%d is %v, want %v", tc.namespace, tc.app, tc.port, got, tc.want)
		}
	}
	if got, by := mesh.Of(&snapshot.Snapshot{}).PeerMode(pod("shop", "web"), 80); got != permissive || by != nil {
		t.Errorf("without policies %v by %v", got, by)
	}
}
