// Package pki makes the throwaway certificates and kubeconfigs of a sandbox.
// Everything is signed by one authority that exists only in the private
// directory, so an answer that verifies against it comes from our API server.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// validity is long enough for a detached sandbox that somebody forgets.
const validity = 365 * 24 * time.Hour

// Authority signs the certificates of one sandbox.
type Authority struct {
	dir  string
	cert *x509.Certificate
	key  crypto.Signer
}

// NewAuthority makes an authority and writes ca.crt and ca.key to dir.
func NewAuthority(dir string) (*Authority, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	authority, err := cert.NewSelfSignedCACert(cert.Config{CommonName: "meshctl-sandbox"}, key)
	if err != nil {
		return nil, fmt.Errorf("making the sandbox's certificate authority: %w", err)
	}
	a := &Authority{dir: dir, cert: authority, key: key}
	return a, a.write("ca", authority, key)
}

// CAFile is the authority's certificate.
func (a *Authority) CAFile() string { return a.CertFile("ca") }

// CertFile is the certificate that Issue wrote under name.
func (a *Authority) CertFile(name string) string { return filepath.Join(a.dir, name+".crt") }

// KeyFile is the key that Issue or Key wrote under name.
func (a *Authority) KeyFile(name string) string { return filepath.Join(a.dir, name+".key") }

// Subject is whom a certificate is for. Names and IPs make it a server's.
type Subject struct {
	Name   string
	Groups []string
	Names  []string
	IPs    []net.IP
}

// Issue writes a certificate and its key under name.
func (a *Authority) Issue(name string, s Subject) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return fmt.Errorf("choosing a serial number: %w", err)
	}
	usage := x509.ExtKeyUsageClientAuth
	if len(s.Names)+len(s.IPs) > 0 {
		usage = x509.ExtKeyUsageServerAuth
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: s.Name, Organization: s.Groups},
		DNSNames:     s.Names,
		IPAddresses:  s.IPs,
		NotBefore:    a.cert.NotBefore,
		NotAfter:     time.Now().Add(validity),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{usage},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return fmt.Errorf("signing the certificate of %s: %w", s.Name, err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("reading back the certificate of %s: %w", s.Name, err)
	}
	return a.write(name, signed, key)
}

// Key writes a bare key, for signing service account tokens.
func (a *Authority) Key(name string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	return a.writeKey(name, key)
}

func (a *Authority) write(name string, c *x509.Certificate, key crypto.Signer) error {
	pem, err := cert.EncodeCertificates(c)
	if err != nil {
		return fmt.Errorf("encoding the certificate %s: %w", name, err)
	}
	if err := os.WriteFile(a.CertFile(name), pem, 0o600); err != nil {
		return fmt.Errorf("writing the certificate %s: %w", name, err)
	}
	return a.writeKey(name, key)
}

func (a *Authority) writeKey(name string, key crypto.Signer) error {
	pem, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return fmt.Errorf("encoding the key %s: %w", name, err)
	}
	if err := os.WriteFile(a.KeyFile(name), pem, 0o600); err != nil {
		return fmt.Errorf("writing the key %s: %w", name, err)
	}
	return nil
}

// newKey makes an ECDSA key: an RSA key would cost a tenth of a second each.
func newKey() (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	return key, nil
}
