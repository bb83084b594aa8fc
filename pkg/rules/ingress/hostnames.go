package ingress

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

// meets says whether a listener's hostname and those of a route have names in
// common; without a hostname it is for all.
func meets(l gateway.Listener, hostnames []gateway.Hostname) bool {
	if l.Hostname == nil || *l.Hostname == "" || len(hostnames) == 0 {
		return true
	}
	for _, h := range hostnames {
		if covers(string(*l.Hostname), string(h)) || covers(string(h), string(*l.Hostname)) {
			return true
		}
	}
	return false
}

// covers says whether a hostname is, or as a wildcard covers, another.
func covers(wide, host string) bool {
	if suffix, wild := strings.CutPrefix(wide, "*"); wild {
		return strings.HasSuffix(host, suffix)
	}
	return wide == host
}

// selects says whether a selector takes a namespace.
func selects(s *metav1.LabelSelector, ns *corev1.Namespace) bool {
	if s == nil {
		return false
	}
	with := labels.Set{corev1.LabelMetadataName: ns.Name}
	for k, v := range ns.Labels {
		with[k] = v
	}
	parsed, err := metav1.LabelSelectorAsSelector(s)
	return err != nil || parsed.Matches(with)
}
