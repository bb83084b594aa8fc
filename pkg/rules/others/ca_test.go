package others_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"istio.io/istio/security/pkg/pki/util"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/internal/ruletest"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules/others"
)

// authority is a certificate with its key.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

// sign makes a certificate authority; without an issuer it signs itself.
func sign(t *testing.T, name string, issuer *authority, change func(*x509.Certificate)) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().AddDate(0, 0, -1), NotAfter: time.Now().AddDate(3, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if change != nil {
		change(template)
	}
	parent, by := template, key
	if issuer != nil {
		parent, by = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

func (a *authority) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

// TestCASecret tries authorities that were made for the test. What istiod's own
// check refuses must be an error, and the other way round.
func TestCASecret(t *testing.T) {
	root := sign(t, "root", nil, nil)
	middle := sign(t, "middle", root, nil)
	signing := sign(t, "signing", middle, nil)
	other := sign(t, "other", nil, nil)
	soon := sign(t, "soon", root, func(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 0, 30) })
	late := sign(t, "late", root, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
	leaf := sign(t, "leaf", root, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature })
	short := sign(t, "short", nil, func(c *x509.Certificate) { c.MaxPathLenZero = true })
	deep := sign(t, "deep", sign(t, "between", short, nil), nil)

	for name, tc := range map[string]struct {
		cert, key        *authority
		chain, roots     string
		published, want  string
		warning, lenient bool // lenient: worse than istiod thinks
	}{
		"chain to the root":      {cert: signing, chain: signing.pem + middle.pem + root.pem, roots: root.pem},
		"chain without the root": {cert: signing, chain: signing.pem + middle.pem, roots: root.pem},
		"root that signs itself": {cert: root, chain: root.pem, roots: root.pem},
		"two roots":              {cert: signing, chain: signing.pem + middle.pem, roots: other.pem + root.pem, published: other.pem},
		"chain lacks the middle": {cert: signing, chain: signing.pem, roots: root.pem, want: "does not lead from ca-cert.pem to a root"},
		"another root":           {cert: signing, chain: signing.pem + middle.pem, roots: other.pem, want: "does not lead from ca-cert.pem to a root"},
		"another key":            {cert: signing, key: other, chain: signing.pem + middle.pem, roots: root.pem, want: "ca-key.pem is not the key of ca-cert.pem"},
		"path too long":          {cert: deep, chain: deep.pem + sign(t, "between", short, nil).pem, roots: short.pem, want: "does not lead from"},
		"no authority":           {cert: leaf, chain: leaf.pem, roots: root.pem, want: "CA:TRUE is missing", lenient: true},
		"chain begins elsewhere": {cert: signing, chain: middle.pem, roots: root.pem, want: "does not begin with the certificate of ca-cert.pem", lenient: true},
		"chain upside down":      {cert: signing, chain: signing.pem + root.pem + middle.pem, roots: root.pem, want: "certificate 2 in cert-chain.pem did not sign the one before it", warning: true},
		"expires soon":           {cert: soon, chain: soon.pem, roots: root.pem, want: `"CN=soon" in ca-cert.pem expires on`, warning: true},
		"expired":                {cert: late, chain: late.pem, roots: root.pem, want: `"CN=late" in ca-cert.pem expired on`},
		"root changes":           {cert: root, chain: root.pem, roots: root.pem, published: other.pem, want: `its root "CN=root" is not among those that istiod hands out`, warning: true},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.key == nil {
				tc.key = tc.cert
			}
			got := judgeCA(t, map[string]string{
				"ca-cert.pem": tc.cert.pem, "ca-key.pem": tc.key.keyPEM(t), "cert-chain.pem": tc.chain, "root-cert.pem": tc.roots,
			}, tc.published)
			refused := util.Verify([]byte(tc.cert.pem), []byte(tc.key.keyPEM(t)), []byte(tc.chain), []byte(tc.roots), nil) != nil
			severity := ": error: "
			if tc.warning {
				severity = ": warning: "
			}
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) || tc.want != "" && (!strings.Contains(got, severity) || strings.Count(got, "\n") != 1) {
				t.Errorf("want one line with %q, got:\n%s", severity+tc.want, got)
			}
			if failed := strings.Contains(got, ": error: "); failed != refused && !tc.lenient {
				t.Errorf("istiod refuses it: %v, an error: %v\n%s", refused, failed, got)
			}
			if strings.Contains(got, "PRIVATE") {
				t.Error("the key is in the output")
			}
		})
	}
	t.Run("kubernetes.io/tls", func(t *testing.T) {
		if got := judgeCA(t, map[string]string{"tls.crt": signing.pem + middle.pem, "tls.key": signing.keyPEM(t), "ca.crt": root.pem}, ""); got != "" {
			t.Error(got)
		}
		if got := judgeCA(t, map[string]string{"tls.crt": signing.pem + middle.pem, "tls.key": signing.keyPEM(t)}, ""); !strings.Contains(got, "lacks ca.crt") {
			t.Error(got)
		}
	})
}

// judgeCA runs the rule over a cluster that has a Secret cacerts with this
// content.
func judgeCA(t *testing.T, files map[string]string, published string) string {
	t.Helper()
	data := map[string]string{}
	for name, text := range files {
		data[name] = base64.StdEncoding.EncodeToString([]byte(text))
	}
	secret, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {namespace: istio-system, name: cacerts}, data: %s}\n", secret)
	if published != "" {
		root, err := json.Marshal(published)
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("---\n{apiVersion: v1, kind: ConfigMap, metadata: {namespace: istio-system, name: istio-ca-root-cert}, data: {root-cert.pem: %s}}\n", root)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cluster.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all := others.All()
	r := all[slices.IndexFunc(all, func(r *rule.Rule) bool { return r.ID == "PRE034" })]
	s, stage := ruletest.Picture(t, r, dir)
	s.Now = time.Now()
	var out strings.Builder
	for _, f := range engine.Run([]*rule.Rule{r}, s, engine.Options{Stage: stage}).Findings {
		fmt.Fprintf(&out, "%s: %s: %s\n", f.At, f.Severity, f.Message)
	}
	return out.String()
}
