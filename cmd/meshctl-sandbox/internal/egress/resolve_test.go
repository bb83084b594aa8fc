package egress

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/utils/ptr"
)

func TestResolve(t *testing.T) {
	client := fake.NewClientset(
		&corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "istiod", Namespace: "istio-system"},
			Spec: corev1.ServiceSpec{
				ClusterIPs: []string{"10.96.0.7"},
				Ports:      []corev1.ServicePort{{Name: "webhook", Port: 443}, {Name: "xds", Port: 15012}},
			},
		},
		&discoveryv1.EndpointSlice{
			ObjectMeta: metav1.ObjectMeta{Name: "x", Namespace: "istio-system", Labels: map[string]string{discoveryv1.LabelServiceName: "istiod"}},
			Ports:      []discoveryv1.EndpointPort{{Name: ptr.To("webhook"), Port: ptr.To[int32](15017)}},
			Endpoints: []discoveryv1.Endpoint{
				{Addresses: []string{"10.127.0.1"}, Conditions: discoveryv1.EndpointConditions{Ready: ptr.To(false)}},
				{Addresses: []string{"10.127.0.2"}, Conditions: discoveryv1.EndpointConditions{Ready: ptr.To(true)}},
			},
		},
	)
	pods := func(ip string, port int) (string, error) {
		if !strings.HasPrefix(ip, "10.127.") {
			return "", fmt.Errorf("no pod at %s", ip)
		}
		return fmt.Sprintf("local-%s-%d", ip, port), nil
	}
	cluster, err := NewCluster(t.Context(), t.Context(), client, pods, map[string]string{"10.96.0.1:443": "api"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		host       string
		port       int
		want, fail string
	}{
		{"10.96.0.1", 443, "api", ""},
		{"10.96.0.7", 443, "local-10.127.0.2-15017", ""},
		{"istiod.istio-system.svc", 443, "local-10.127.0.2-15017", ""},
		{"istiod.istio-system.svc.cluster.local", 443, "local-10.127.0.2-15017", ""},
		{"10.127.0.1", 8080, "local-10.127.0.1-8080", ""},
		{"10.96.0.7", 15012, "", "no ready endpoint"},
		{"10.96.0.7", 80, "", "has no port 80"},
		{"none.default.svc", 443, "", "not found"},
		{"93.184.216.34", 443, "", "no pod at"},
		{"sandbox-worker-1", 10250, "", "has no kubelet"},
	} {
		got, err := cluster.Resolve(t.Context(), test.host, test.port)
		if got != test.want || (test.fail == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.fail) {
			t.Errorf("%s:%d: got %q, %v", test.host, test.port, got, err)
		}
	}
}
