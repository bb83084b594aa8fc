package control

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app/options"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/pki"
)

// StartControllerManager runs kube-controller-manager with its default set of
// controllers. It is ready once the namespace default has what two of them put
// there: the service account and the authority's ConfigMap.
func StartControllerManager(ctx context.Context, files Files, ca *pki.Authority) (*Part, error) {
	s, err := options.NewKubeControllerManagerOptions()
	if err != nil {
		return nil, fmt.Errorf("making kube-controller-manager's options: %w", err)
	}
	known, disabled, aliases := app.KnownControllers(), app.ControllersDisabledByDefault(), app.ControllerAliases()
	if err := parse(s.Flags(known, disabled, aliases), controllerFlags(files, ca)); err != nil {
		return nil, fmt.Errorf("configuring kube-controller-manager: %w", err)
	}
	part := start("kube-controller-manager", func(ctx context.Context) error {
		ctx, err := withLogger(ctx, files, "kube-controller-manager")
		if err != nil {
			return err
		}
		config, err := s.Config(ctx, known, disabled, aliases)
		if err != nil {
			return err
		}
		return app.Run(ctx, config.Complete())
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
		if _, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return err
		}
		_, err := client.CoreV1().ConfigMaps("default").Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		return err
	})
}

// controllerFlags are what an administrator would give the command. It serves
// nothing: a port of its own would be one more to guard.
func controllerFlags(files Files, ca *pki.Authority) []string {
	return []string{
		"--cluster-signing-cert-file=" + ca.CAFile(),
		"--cluster-signing-key-file=" + ca.KeyFile("ca"),
		"--kube-api-burst=800",
		"--kube-api-qps=400",
		"--kubeconfig=" + files.Kubeconfig,
		"--leader-elect=false",
		"--profiling=false",
		"--root-ca-file=" + ca.CAFile(),
		"--secure-port=0",
		"--service-account-private-key-file=" + ca.KeyFile("service-accounts"),
	}
}
