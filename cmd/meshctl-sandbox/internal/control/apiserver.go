package control

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/kubernetes"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/pki"
)

const (
	// ServiceCIDR is where ClusterIPs come from.
	ServiceCIDR = "10.96.0.0/16"
	// ServiceIP is the ClusterIP of the Service kubernetes.
	ServiceIP = "10.96.0.1"
	// AdvertiseIP is the endpoint of the Service kubernetes. EndpointSlices may
	// not hold loopback addresses, so it lies in the range that RFC 2544
	// reserves for benchmarks; the egress proxy knows where it leads.
	AdvertiseIP = "198.18.0.1"
	// EgressSocket is where the egress proxy listens, relative to the private
	// directory.
	EgressSocket = "egress.sock"
)

// egress sends everything that the API server dials, for webhooks, aggregated
// APIs and the proxy subresources, to our own proxy. %s is EgressSocket.
const egress = `apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- name: cluster
  connection: &proxy
    proxyProtocol: HTTPConnect
    transport: {uds: {udsName: %s}}
- name: controlplane
  connection: *proxy
`

// auditPolicy records who did what to which object, but no bodies.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
`

// StartAPIServer runs kube-apiserver on listener and returns when /readyz says
// ok over a connection that verifies against our own authority.
func StartAPIServer(ctx context.Context, files Files, ca *pki.Authority, listener net.Listener) (*Part, error) {
	if err := writeAPIServerFiles(files); err != nil {
		return nil, err
	}
	s := options.NewServerRunOptions()
	if err := parse(s.Flags(), apiServerFlags(files, ca)); err != nil {
		return nil, fmt.Errorf("configuring kube-apiserver: %w", err)
	}
	if err := s.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return nil, fmt.Errorf("setting feature gates: %w", err)
	}
	s.SecureServing.Listener = listener
	s.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	part := start("kube-apiserver", func(ctx context.Context) error {
		completed, err := s.Complete(ctx)
		if err != nil {
			return err
		}
		if errs := completed.Validate(); len(errs) != 0 {
			return utilerrors.NewAggregate(errs)
		}
		return app.Run(ctx, completed)
	})
	config, err := ClientConfig(files.Kubeconfig, "meshctl-sandbox")
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return part, part.poll(ctx, func(ctx context.Context) error {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
}

func writeAPIServerFiles(files Files) error {
	for name, content := range map[string]string{
		"egress.yaml": fmt.Sprintf(egress, EgressSocket),
		"audit.yaml":  auditPolicy,
	} {
		if err := os.WriteFile(filepath.Join(files.Dir, name), []byte(content), 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

// apiServerFlags are what an administrator would give kube-apiserver. Admission
// plugins are the default ones.
func apiServerFlags(files Files, ca *pki.Authority) []string {
	flags := []string{
		"--advertise-address=" + AdvertiseIP,
		"--allow-privileged=true",
		"--authorization-mode=RBAC",
		"--bind-address=127.0.0.1",
		"--client-ca-file=" + ca.CAFile(),
		"--egress-selector-config-file=" + filepath.Join(files.Dir, "egress.yaml"),
		"--etcd-servers=" + EtcdURL,
		"--profiling=false",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + ca.KeyFile("service-accounts"),
		"--service-account-signing-key-file=" + ca.KeyFile("service-accounts"),
		"--service-cluster-ip-range=" + ServiceCIDR,
		"--tls-cert-file=" + ca.CertFile("apiserver"),
		"--tls-private-key-file=" + ca.KeyFile("apiserver"),
	}
	if files.AuditLog != "" {
		flags = append(flags,
			"--audit-log-path="+files.AuditLog,
			"--audit-policy-file="+filepath.Join(files.Dir, "audit.yaml"))
	}
	return flags
}

// parse reads flags into options, as the component's command would.
func parse(sets cliflag.NamedFlagSets, args []string) error {
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, set := range sets.FlagSets {
		all.AddFlagSet(set)
	}
	return all.Parse(args)
}
