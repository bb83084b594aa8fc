package snapshot

import "crypto/x509"

// Names of Secrets that istiod signs with, and of the ConfigMap that it hands
// its root out in.
const (
	PluggedCA    = "cacerts"
	SelfSignedCA = "istio-ca-secret"
	RootCA       = "istio-ca-root-cert"
)

// CAFiles are the names under which a Secret holds a certificate authority.
type CAFiles struct{ Cert, Key, Chain, Root string }

// SigningCA is what a Secret holds that istiod signs with. Its key was looked
// at and not kept.
type SigningCA struct {
	Key Key
	// Entries are the names of the Secret's entries; Files are those that
	// istiod reads of them.
	Entries []string
	Files   CAFiles
	// Missing are entries that istiod needs and that are not there.
	Missing []string
	// Cert signs workloads; Chain leads from it to the roots.
	Cert, Chain, Roots []*x509.Certificate
	// Unreadable names entries that hold something else than certificates.
	Unreadable []string
	// KeyFault says what is wrong with the key; "" for one that fits Cert.
	KeyFault string
	// Published are the roots that istiod hands out in the same namespace;
	// none where it has not run.
	Published []*x509.Certificate
}
