package snapshot_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

func TestWhatIsWrongWithAPair(t *testing.T) {
	until := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	cert, key := signed(t, until)
	_, other := signed(t, until)
	for _, c := range []struct {
		name string
		data map[string][]byte
		want string // of the fault; "none" for no pair
	}{
		{"fits", map[string][]byte{"tls.crt": cert, "tls.key": key}, ""},
		{"generic", map[string][]byte{"cert": cert, "key": key, "tls.crt": []byte("x"), "tls.key": []byte("x")}, ""},
		{"another's key", map[string][]byte{"tls.crt": cert, "tls.key": other}, "tls.key is not the key of the certificate in tls.crt"},
		{"no key", map[string][]byte{"tls.crt": cert, "tls.key": []byte("hunter2")}, "tls.key holds no key in PEM"},
		{"no certificate", map[string][]byte{"tls.crt": []byte("hunter2"), "tls.key": key}, "tls.crt holds no certificate in PEM"},
		{"a key for a certificate", map[string][]byte{"tls.crt": key, "tls.key": key}, "tls.crt does not begin with a certificate that can be read"},
		{"lacks one", map[string][]byte{"tls.crt": cert}, "none"},
		{"template", map[string][]byte{"tls.crt": []byte("{{ .Values.crt }}"), "tls.key": key}, "none"},
		{"sealed by SOPS", map[string][]byte{"tls.crt": []byte("ENC[AES256_GCM,data:x]"), "tls.key": []byte("ENC[x]")}, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := read(t, c.data)
			switch {
			case s.Pair == nil:
				if c.want != "none" {
					t.Errorf("no pair, want %q", c.want)
				}
			case s.Pair.Fault != c.want:
				t.Errorf("fault %q, want %q", s.Pair.Fault, c.want)
			case c.want == "" && !s.Pair.Until.Equal(until):
				t.Errorf("valid until %s, want %s", s.Pair.Until, until)
			}
		})
	}
}

// read takes a Secret as sources do.
func read(t *testing.T, data map[string][]byte) *snapshot.Secret {
	t.Helper()
	text, err := json.Marshal(corev1.Secret{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	var objects snapshot.Objects
	k := snapshot.KindsByName()[schema.GroupKind{Kind: "Secret"}]
	if _, err := k.Add(&objects, func(into any) error { return json.Unmarshal(text, into) }); err != nil {
		t.Fatal(err)
	}
	for name, value := range objects.Secrets[0].Data {
		if strings.TrimRight(string(value), "\x00") != "" {
			t.Errorf("the value of %s is kept", name)
		}
	}
	return objects.Secrets[0]
}

// signed is a certificate that is valid until then, and its key.
func signed(t *testing.T, until time.Time) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.AddDate(-1, 0, 0), NotAfter: until, DNSNames: []string{"shop.example.com"}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: bare})
}
