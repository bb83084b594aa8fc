// Package kube is the narrow door to a cluster, and the only package that
// imports client-go. It reads, asks and applies; it judges nothing.
package kube

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
)

// Flags are kubectl's connection flags: --kubeconfig, --context, --as and
// the others.
type Flags struct {
	config   *genericclioptions.ConfigFlags
	patience *patience
}

// NewFlags returns flags that follow kubectl's defaults, KUBECONFIG included.
func NewFlags() *Flags {
	f := &Flags{genericclioptions.NewConfigFlags(true), &patience{pause: defaultPause}}
	f.config.WrapConfigFn = func(cfg *rest.Config) *rest.Config {
		cfg.Wrap(func(next http.RoundTripper) http.RoundTripper { return &persistent{next, f.patience} })
		return cfg
	}
	return f
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(set *pflag.FlagSet) { f.config.AddFlags(set) }

// UseKubeconfig points the flags at one file, for a cluster that meshctl
// started itself.
func (f *Flags) UseKubeconfig(path string) { f.config.KubeConfig = &path }

// RequestTimeout is --request-timeout; 0 where it is not given.
func (f *Flags) RequestTimeout() time.Duration {
	if f.config.Timeout == nil {
		return 0
	}
	if d, err := time.ParseDuration(*f.config.Timeout); err == nil {
		return d
	}
	return 0
}

// Namespace is --namespace; "" where it is not given.
func (f *Flags) Namespace() string {
	if f.config.Namespace == nil {
		return ""
	}
	return *f.config.Namespace
}

// Context is the name of the kubeconfig context in use; "" if there is none.
func (f *Flags) Context() string {
	if f.config.Context != nil && *f.config.Context != "" {
		return *f.config.Context
	}
	raw, err := f.config.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return ""
	}
	return raw.CurrentContext
}

// Connect makes a client. It talks to no server yet, so an unreachable one is
// found by the first request.
func (f *Flags) Connect() (*Client, error) {
	loader := f.config.ToRawKubeConfigLoader()
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, fmt.Errorf("reading kubeconfig: %w", err)
	}
	cfg, err := f.config.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("reading kubeconfig: %w", err)
	}
	// Without any configuration client-go falls back to localhost:8080, where
	// no API server has been for years.
	if len(raw.Clusters) == 0 && cfg.BearerTokenFile == "" && (f.config.APIServer == nil || *f.config.APIServer == "") {
		return nil, fmt.Errorf("no cluster is configured: none of %s names one; set KUBECONFIG or --kubeconfig", strings.Join(loader.ConfigAccess().GetLoadingPrecedence(), ", "))
	}
	cfg = rest.CopyConfig(cfg)
	// The defaults, 5 requests a second, make permission checks take
	// minutes; the API server protects itself by priority and fairness.
	cfg.QPS, cfg.Burst = 200, 400
	cfg.WarningHandler = rest.NoWarnings{}
	client, err := newClient(cfg, f.patience)
	if err == nil {
		client.home, _, _ = loader.Namespace() // without one there is no home
	}
	return client, err
}
