package mesh

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

func TestFirst(t *testing.T) {
	pod := func(name, version string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{"app": "web", "version": version}}}
	}
	private := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", Annotations: map[string]string{exportAnnotation: "."}}}
	s := &snapshot.Snapshot{Objects: snapshot.Objects{Pods: []*corev1.Pod{pod("a", "1"), pod("b", "1"), pod("c", "2")}, Services: []*corev1.Service{private}}}
	s.Provide(snapshot.Pods)
	m := Of(s)
	for labels, want := range map[*map[string]string]int{{"app": "web"}: 2, {"app": "web", "version": "2"}: 1, {"app": "db"}: 0, {}: 2} {
		if got := m.First("shop", *labels, 2); len(got) != want {
			t.Errorf("%v: %d, want %d", *labels, len(got), want)
		}
	}
	if m.Sees("web.shop.svc.cluster.local", "shop") == nil || m.Sees("web.shop.svc.cluster.local", "ads") != nil {
		t.Error("a service that is not exported is seen in its namespace only")
	}
}
