package others

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// trust reports an authority that may not sign or that its root does not
// vouch for. istiod checks the same when it starts.
func trust(p *rule.Pass, ca *snapshot.SigningCA) {
	cert := ca.Cert[0]
	switch {
	case !cert.IsCA:
		p.Reportf(ca.Key, "%s: the certificate in %s is not one of an authority (CA:TRUE is missing), so nobody trusts what it signs", ca.Key, ca.Files.Cert)
		return
	case cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0:
		p.Reportf(ca.Key, "%s: the certificate in %s may not sign others (key usage keyCertSign is missing)", ca.Key, ca.Files.Cert)
		return
	}
	pool := func(certs []*x509.Certificate) *x509.CertPool {
		out := x509.NewCertPool()
		for _, c := range certs {
			out.AddCert(c)
		}
		return out
	}
	_, err := cert.Verify(x509.VerifyOptions{Roots: pool(ca.Roots), Intermediates: pool(ca.Chain), CurrentTime: p.Now})
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return // expiry says which one and when
	case err != nil:
		p.Reportf(ca.Key, "%s: %s does not lead from %s to a root in %s, so istiod does not start: %v", ca.Key, ca.Files.Chain, ca.Files.Cert, ca.Files.Root, err)
		return
	}
	order(p, ca)
}

// order reports a chain that clients cannot follow. istiod sends it behind
// each workload's certificate as it stands, so it begins with the signing
// certificate; one that is a root itself needs none.
func order(p *rule.Pass, ca *snapshot.SigningCA) {
	if slices.ContainsFunc(ca.Roots, ca.Cert[0].Equal) || len(ca.Chain) == 0 {
		return
	}
	if !ca.Chain[0].Equal(ca.Cert[0]) {
		p.Reportf(ca.Key, "%s: %s does not begin with the certificate of %s, which clients then never see", ca.Key, ca.Files.Chain, ca.Files.Cert)
		return
	}
	for i := 1; i < len(ca.Chain); i++ {
		if ca.Chain[i-1].CheckSignatureFrom(ca.Chain[i]) != nil {
			p.Reportf(ca.Key, "%s: certificate %d in %s did not sign the one before it; the order is from the signing certificate to the root",
				ca.Key, i+1, ca.Files.Chain).Severity = finding.Warning
			return
		}
	}
}

// expiresSoon is the time that is left to replace a certificate without haste.
const expiresSoon = 60 * 24 * time.Hour

// expiry reports the first certificate to expire of those that count: an old
// root beside the one that is used does not.
func expiry(p *rule.Pass, ca *snapshot.SigningCA) {
	type named struct {
		file string
		*x509.Certificate
	}
	counts := []named{{ca.Files.Cert, ca.Cert[0]}}
	for _, c := range ca.Chain {
		counts = append(counts, named{ca.Files.Chain, c})
	}
	for _, c := range ca.Roots {
		if len(ca.Roots) == 1 || slices.ContainsFunc(counts, func(n named) bool { return n.CheckSignatureFrom(c) == nil }) {
			counts = append(counts, named{ca.Files.Root, c})
		}
	}
	for _, n := range counts {
		if n.NotBefore.After(p.Now) {
			p.Reportf(ca.Key, "%s: the certificate of %q in %s is valid from %s on only, so istiod does not start", ca.Key, n.Subject, n.file, n.NotBefore.UTC().Format(time.DateTime))
			return
		}
	}
	first := slices.MinFunc(counts, func(a, b named) int { return a.NotAfter.Compare(b.NotAfter) })
	day := first.NotAfter.UTC().Format(time.DateOnly)
	if first.file == "" {
		first.file = ca.Files.Cert
	}
	switch left := first.NotAfter.Sub(p.Now); {
	case left <= 0:
		p.Reportf(ca.Key, "%s: the certificate of %q in %s expired on %s", ca.Key, first.Subject, first.file, day)
	case left <= expiresSoon:
		p.Reportf(ca.Key, "%s: the certificate of %q in %s expires on %s, in %d days", ca.Key, first.Subject, first.file, day, int(left.Hours()/24)).Severity = finding.Warning
	}
}

// minRSA is the least size of an RSA key in bits that TLS libraries accept
// everywhere.
const minRSA = 2048

func strength(p *rule.Pass, ca *snapshot.SigningCA) {
	key, ok := ca.Cert[0].PublicKey.(*rsa.PublicKey)
	if ok && key.N.BitLen() < minRSA {
		p.Reportf(ca.Key, "%s: the RSA key of %s has %d bits, less than %d, which many clients refuse",
			ca.Key, ca.Files.Cert, key.N.BitLen(), minRSA).Severity = finding.Warning
	}
}

// changedRoot reports an authority whose root is not the one that proxies
// trust today.
func changedRoot(p *rule.Pass, ca *snapshot.SigningCA) {
	if len(ca.Published) == 0 || slices.ContainsFunc(ca.Published, func(c *x509.Certificate) bool { return slices.ContainsFunc(ca.Roots, c.Equal) }) {
		return
	}
	p.Reportf(ca.Key, "%s: its root %q is not among those that istiod hands out in ConfigMap %s (%q); once istiod loads it, proxies that trust the old root refuse the new certificates until they restart",
		ca.Key, ca.Roots[0].Subject, snapshot.RootCA, ca.Published[0].Subject).Severity = finding.Warning
}
