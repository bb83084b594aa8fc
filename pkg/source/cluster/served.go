package cluster

import (
	"context"
	"crypto/x509"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Presenter asks a pod for the certificates that it presents. A *kube.Client
// is one; tests have another that holds those of a fixture.
type Presenter interface {
	Presented(ctx context.Context, from kube.PodPort, name string) ([]*x509.Certificate, error)
}

// defaultWebhookPort is where istiod answers the API server.
const defaultWebhookPort = 15017

// servedCerts asks every istiod that runs, at the same time.
func servedCerts(ctx context.Context, from Presenter, s *snapshot.Snapshot) error {
	pods := slices.DeleteFunc(slices.Clone(s.IstiodPods), func(p *corev1.Pod) bool { return !answers(p) })
	s.ServedCerts = make([]snapshot.Told[[]*x509.Certificate], len(pods))
	kube.InParallel(len(pods), func(i int) {
		pod := pods[i]
		told := snapshot.Told[[]*x509.Certificate]{Pod: pod}
		chain, err := from.Presented(ctx, kube.PodPort{Namespace: pod.Namespace, Pod: pod.Name, Port: webhookPort(pod)}, "istiod."+pod.Namespace+".svc")
		if told.Value = chain; err != nil {
			told.Unknown = reason(err)
		}
		s.ServedCerts[i] = told
	})
	return ctx.Err()
}

// webhookPort reads --httpsAddr, which nobody sets but where ports clash.
func webhookPort(p *corev1.Pod) int {
	for _, c := range p.Spec.Containers {
		for _, arg := range c.Args {
			if address, ok := strings.CutPrefix(arg, "--httpsAddr="); ok {
				if n, err := strconv.Atoi(address[strings.LastIndex(address, ":")+1:]); err == nil {
					return n
				}
			}
		}
	}
	return defaultWebhookPort
}

// A *kube.Client is a Presenter.
var _ Presenter = (*kube.Client)(nil)
