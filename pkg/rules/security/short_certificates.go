package security

import (
	"time"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
)

// shortest is the shortest lifetime that the API server takes in a request.
const shortest = 10 * time.Minute

func shortCertificates() *rule.Rule {
	return aboutCSR(rule.Rule{
		ID: "CSR010", Name: "short-certificates", Severity: finding.Error,
		Summary: "Workload certificates that Kubernetes signs shall live for less than ten minutes.",
		Why:     "The API server rejects signing requests with an expiry below 600 seconds.",
		Fix:     "Set the lifetime to 10m or more.",
	}, func(p *rule.Pass, c csr) {
		if c.env("EXTERNAL_CA") == nil {
			return
		}
		for _, name := range []string{"DEFAULT_WORKLOAD_CERT_TTL", "MAX_WORKLOAD_CERT_TTL"} {
			tooShort(p, name, c.env(name))
		}
		for _, m := range c.MeshConfigs() {
			tooShort(p, "SECRET_TTL", m.At("defaultConfig", "proxyMetadata", "SECRET_TTL"))
		}
	})
}

func tooShort(p *rule.Pass, name string, v *document.Value) {
	if d, err := time.ParseDuration(v.Str()); err == nil && d < shortest {
		p.Reportf(v, "%s is %s, but Kubernetes signs nothing shorter than 10m", name, v.Text)
	}
}
