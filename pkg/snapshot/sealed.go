package snapshot

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/document"
)

// Secret has the names of its entries, and no values. What rules ask about
// these was found out before they were forgotten.
type Secret struct {
	corev1.Secret `json:",inline"`

	// Pair is the certificate and key that the Secret holds for servers; nil
	// where it lacks one of them, or has something in their place for now.
	Pair *Pair `json:"-"`
}

// Pair is what is known of a certificate and its key.
type Pair struct {
	// Fault says why they cannot be used; "" for what can.
	Fault string
	// From and Until are when the certificate may be used, if it can be read.
	From, Until time.Time
}

// sealed makes a kind forget the values of Secrets as soon as they are decoded.
func sealed(k Kind) Kind {
	add := k.add
	k.Sealed = true
	k.add = func(to *Objects, decode func(any) error) (Object, error) {
		o, err := add(to, decode)
		if s, ok := o.(*Secret); ok && err == nil {
			s.Pair = pairOf(s)
			forget(s)
		}
		return o, err
	}
	return k
}

// forget leaves of a Secret the names of entries that are not empty. Annotations
// go too, for kubectl keeps there what it applied; what is to be ignored stays.
func forget(s *Secret) {
	names := map[string][]byte{}
	for name, value := range s.Data {
		clear(value)
		if len(value) > 0 {
			names[name] = nil
		}
	}
	for name, value := range s.StringData {
		if value != "" {
			names[name] = nil
		}
	}
	ignored, told := s.Annotations[document.IgnoreAnnotation]
	s.Data, s.StringData, s.Annotations = names, nil, nil
	if told {
		s.Annotations = map[string]string{document.IgnoreAnnotation: ignored}
	}
}

// pairOf looks at the certificate and key under the names that istiod knows, in
// its order.
func pairOf(s *Secret) *Pair {
	for _, names := range [][2]string{{"cert", "key"}, {"tls.crt", "tls.key"}} {
		cert, key := s.entry(names[0]), s.entry(names[1])
		if len(cert) > 0 && len(key) > 0 {
			defer clear(key)
			if placeholder(cert) || placeholder(key) {
				return nil
			}
			return judge(names, cert, key)
		}
	}
	return nil
}

// entry is a copy of a value: stringData wins, as in the API server.
func (s *Secret) entry(name string) []byte {
	if text, ok := s.StringData[name]; ok {
		return []byte(text)
	}
	return bytes.Clone(s.Data[name])
}

// placeholder says whether a value stands for one that is filled in later: by a
// template, by SOPS, or where an export left it out.
func placeholder(value []byte) bool {
	text := string(value)
	if strings.Contains(text, "-----BEGIN") {
		return false
	}
	if !utf8.ValidString(text) {
		return value[0] != 0x30 // with which certificates and keys in DER begin
	}
	if strings.HasPrefix(text, "ENC[") || strings.HasPrefix(text, "<") || strings.HasPrefix(text, "$") {
		return true
	}
	return slices.ContainsFunc([]string{"{{", "${", "placeholder", "replace", "change", "redacted"}, func(sign string) bool {
		return strings.Contains(strings.ToLower(text), sign)
	})
}

// judge compares a certificate with its key. No error's text is used: it could
// hold what was read.
func judge(names [2]string, cert, key []byte) *Pair {
	block, _ := pem.Decode(cert)
	if block == nil {
		return &Pair{Fault: names[0] + " holds no certificate in PEM"}
	}
	found, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return &Pair{Fault: names[0] + " does not begin with a certificate that can be read"}
	}
	p := &Pair{From: found.NotBefore, Until: found.NotAfter}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		p.Fault = names[1] + " is not the key of the certificate in " + names[0]
		if block, _ := pem.Decode(key); block == nil {
			p.Fault = names[1] + " holds no key in PEM"
		}
	}
	return p
}
