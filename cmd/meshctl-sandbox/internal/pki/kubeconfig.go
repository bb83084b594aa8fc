package pki

import (
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// contextName names cluster, user and context in every kubeconfig of a sandbox.
const contextName = "meshctl-sandbox"

// WriteKubeconfig writes a kubeconfig (mode 0600) for server with the client
// certificate that Issue wrote under name. All data is inside the file, so it
// can be copied elsewhere.
func (a *Authority) WriteKubeconfig(path, server, name string) error {
	certificate, err := os.ReadFile(a.CertFile(name))
	if err != nil {
		return fmt.Errorf("reading the certificate of %s: %w", name, err)
	}
	key, err := os.ReadFile(a.KeyFile(name))
	if err != nil {
		return fmt.Errorf("reading the key of %s: %w", name, err)
	}
	return a.kubeconfig(path, server, &api.AuthInfo{ClientCertificateData: certificate, ClientKeyData: key})
}

// WriteTokenKubeconfig writes a kubeconfig that reads its token from tokenFile,
// where it can be renewed.
func (a *Authority) WriteTokenKubeconfig(path, server, tokenFile string) error {
	return a.kubeconfig(path, server, &api.AuthInfo{TokenFile: tokenFile})
}

func (a *Authority) kubeconfig(path, server string, user *api.AuthInfo) error {
	ca, err := os.ReadFile(a.CAFile())
	if err != nil {
		return fmt.Errorf("reading the certificate authority: %w", err)
	}
	config := api.NewConfig()
	config.Clusters[contextName] = &api.Cluster{Server: server, CertificateAuthorityData: ca}
	config.AuthInfos[contextName] = user
	config.Contexts[contextName] = &api.Context{Cluster: contextName, AuthInfo: contextName}
	config.CurrentContext = contextName
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
