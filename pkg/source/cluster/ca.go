package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

var (
	secrets    = kind("", "v1", "Secret")
	configMaps = kind("", "v1", "ConfigMap")
)

// signingCAs reads the Secrets that istiod signs with, in the namespaces that
// a control plane is installed in.
func signingCAs(ctx context.Context, r Reader, s *snapshot.Snapshot) error {
	s.SigningCAs = nil
	seen := map[string]bool{}
	for _, c := range s.Configs {
		ns := c.Namespace()
		if seen[ns] || c.IsMesh() || !c.ComponentEnabled("pilot") {
			continue
		}
		seen[ns] = true
		root, err := r.Get(ctx, configMaps, ns, snapshot.RootCA)
		if err != nil && !kube.NotFound(err) {
			return err
		}
		for _, name := range []string{snapshot.PluggedCA, snapshot.SelfSignedCA} {
			secret, err := r.Get(ctx, secrets, ns, name)
			if kube.NotFound(err) {
				continue
			}
			if err != nil {
				return err
			}
			ca := signingCA(secret)
			ca.Published = published(root)
			s.SigningCAs = append(s.SigningCAs, ca)
		}
	}
	return nil
}

func published(o *unstructured.Unstructured) []*x509.Certificate {
	if o == nil {
		return nil
	}
	text, _, _ := unstructured.NestedString(o.Object, "data", "root-cert.pem")
	certs, _ := certificates([]byte(text))
	return certs
}

// filesOf says under which names istiod looks for a certificate authority.
func filesOf(name string, data map[string][]byte) snapshot.CAFiles {
	switch {
	case name == snapshot.SelfSignedCA:
		return snapshot.CAFiles{Cert: "ca-cert.pem", Key: "ca-key.pem"}
	case data["tls.crt"] != nil:
		return snapshot.CAFiles{Cert: "tls.crt", Key: "tls.key", Chain: "tls.crt", Root: "ca.crt"}
	}
	return snapshot.CAFiles{Cert: "ca-cert.pem", Key: "ca-key.pem", Chain: "cert-chain.pem", Root: "root-cert.pem"}
}

func signingCA(secret *unstructured.Unstructured) *snapshot.SigningCA {
	data := contents(secret)
	files := filesOf(secret.GetName(), data)
	ca := &snapshot.SigningCA{Key: snapshot.KeyOf(secret), Entries: slices.Sorted(maps.Keys(data)), Files: files}
	for _, f := range []struct {
		name string
		into *[]*x509.Certificate
	}{{files.Cert, &ca.Cert}, {files.Chain, &ca.Chain}, {files.Root, &ca.Roots}, {files.Key, nil}} {
		content, there := data[f.name]
		switch {
		case f.name == "":
		case !there:
			ca.Missing = append(ca.Missing, f.name)
		case f.into != nil:
			var ok bool
			if *f.into, ok = certificates(content); !ok && !slices.Contains(ca.Unreadable, f.name) {
				ca.Unreadable = append(ca.Unreadable, f.name)
			}
		}
	}
	if files.Root == "" { // istiod's own is its root
		ca.Roots = ca.Cert
	}
	if len(ca.Cert) > 0 && data[files.Key] != nil {
		ca.KeyFault = keyFault(data[files.Cert], data[files.Key], files)
	}
	return ca
}

// keyFault compares a key with its certificate. The text of the error is not
// used: it could hold what was read.
func keyFault(cert, key []byte, files snapshot.CAFiles) string {
	if _, err := tls.X509KeyPair(cert, key); err == nil {
		return ""
	}
	if block, _ := pem.Decode(key); block == nil {
		return files.Key + " holds no key in PEM"
	}
	return files.Key + " is not the key of " + files.Cert
}

// contents decodes the entries of a Secret.
func contents(secret *unstructured.Unstructured) map[string][]byte {
	data, _, _ := unstructured.NestedStringMap(secret.Object, "data")
	out := map[string][]byte{}
	for name, text := range data {
		out[name], _ = base64.StdEncoding.DecodeString(text)
	}
	return out
}

// certificates reads all of a PEM file; ok is false where it holds none, or
// something else.
func certificates(text []byte) (out []*x509.Certificate, ok bool) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return out, len(out) > 0
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return out, false
		}
		out, text = append(out, cert), rest
	}
}
