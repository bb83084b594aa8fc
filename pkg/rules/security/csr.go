package security

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

const (
	// legacy is the signer that certificates.k8s.io/v1 no longer has.
	legacy = "kubernetes.io/legacy-unknown"
	// signerPrefix marks a signer in global.pilotCertProvider.
	signerPrefix = "k8s.io/"
	// kubernetesRA is the only value that istiod knows for EXTERNAL_CA.
	kubernetesRA = "ISTIOD_RA_KUBERNETES_API"
)

// csr is what a configuration says about certificates that are signed through
// the Kubernetes API of certificate signing requests.
type csr struct {
	*snapshot.Config
	// charts are the settings that the chart's conditions see, others those
	// that only reach istiod's container.
	charts, others map[string]*document.Value
	provider       *document.Value
	signers        *document.Value // global.certSigners
}

func newCSR(c *snapshot.Config) csr {
	v := c.EffectiveValues()
	out := csr{Config: c, charts: map[string]*document.Value{}, others: map[string]*document.Value{}}
	out.provider, out.signers = v.At("global", "pilotCertProvider"), v.At("global", "certSigners")
	for _, e := range c.Env() {
		switch {
		case e.Program != facts.Istiod || e.Value == nil || e.Value.Text == "":
		case e.Named:
			out.others[e.Name] = e.Value
		default:
			out.charts[e.Name] = e.Value
		}
	}
	return out
}

// env is the value of a variable of istiod, nil where it is not set.
func (c csr) env(name string) *document.Value {
	if v := c.charts[name]; v != nil {
		return v
	}
	return c.others[name]
}

// used is the setting that makes istiod ask Kubernetes for certificates, nil
// if there is none.
func (c csr) used() *document.Value {
	switch {
	case c.env("EXTERNAL_CA") != nil:
		return c.env("EXTERNAL_CA")
	case c.provider.Scalar() && strings.HasPrefix(c.provider.Text, signerPrefix):
		return c.provider
	}
	return nil
}

// granted says whether the chart lets istiod approve requests.
func (c csr) granted() bool {
	if c.charts["EXTERNAL_CA"] != nil {
		return true
	}
	switch c.provider.Str() {
	case "", "istiod", "custom", "none":
		return false
	}
	return true
}

// signer is a name that istiod asks to sign, with the place that says so.
type signer struct {
	name string
	at   *document.Value
}

// wanted lists the signers that the settings name.
func (c csr) wanted() []signer {
	var out []signer
	if v := c.env("K8S_SIGNER"); v != nil {
		out = append(out, signer{v.Text, v})
	}
	if c.provider.Scalar() && strings.HasPrefix(c.provider.Text, signerPrefix) {
		out = append(out, signer{strings.TrimPrefix(c.provider.Text, signerPrefix), c.provider})
	}
	if domain := c.env("CERT_SIGNER_DOMAIN"); domain != nil {
		for _, m := range c.MeshConfigs() {
			if v := m.At("defaultConfig", "proxyMetadata", "ISTIO_META_CERT_SIGNER"); v.Scalar() && v.Text != "" {
				out = append(out, signer{domain.Text + "/" + v.Text, v})
			}
		}
	}
	return out
}

// kubernetes is the minor of the cluster; a rule that needs it and does not
// have it says so.
func kubernetes(p *rule.Pass) (facts.Minor, bool) {
	m, err := facts.ParseMinor(p.Target.Kubernetes)
	if err != nil {
		p.Undecidedf("no --kubernetes-version given")
	}
	return m, err == nil
}
