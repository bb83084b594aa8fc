package live

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// certificates decodes PEM blocks.
func certificates(text []byte) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		out = append(out, cert)
	}
	if len(out) == 0 {
		return nil, errors.New("no certificate is in it")
	}
	return out, nil
}

// soon is how long before its end a certificate is worth a word.
const soon = 60 * 24 * time.Hour

// skew is how far clocks may be apart.
const skew = 5 * time.Minute

// flaw is what is wrong with a certificate.
type flaw struct {
	text  string
	fatal bool // nothing that verifies it works
}

// flaws judges a root at a time.
func flaws(c *x509.Certificate, now time.Time) []flaw {
	var out []flaw
	switch {
	case now.After(c.NotAfter):
		out = append(out, flaw{"expired on " + day(c.NotAfter), true})
	case now.Add(skew).Before(c.NotBefore):
		out = append(out, flaw{"is not valid before " + day(c.NotBefore), true})
	case c.NotAfter.Sub(now) < soon:
		out = append(out, flaw{fmt.Sprintf("expires on %s, in %d days", day(c.NotAfter), int(c.NotAfter.Sub(now).Hours()/24)), false})
	}
	if !c.IsCA {
		out = append(out, flaw{"is no CA certificate: proxies refuse what is signed with it", true})
	}
	if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
		out = append(out, flaw{fmt.Sprintf("has an RSA key of %d bits only; 2048 is the least that is safe", key.N.BitLen()), false})
	}
	if weak(c.SignatureAlgorithm) && !selfSigned(c) {
		out = append(out, flaw{fmt.Sprintf("is signed with %s, which TLS libraries refuse", c.SignatureAlgorithm), true})
	}
	return out
}

func weak(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

// selfSigned tells roots, whose own signature nobody verifies.
func selfSigned(c *x509.Certificate) bool { return string(c.RawIssuer) == string(c.RawSubject) }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// named is how a certificate is told from others.
func named(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	if len(c.Subject.Organization) > 0 {
		return c.Subject.Organization[0]
	}
	return "serial number " + c.SerialNumber.String()
}
