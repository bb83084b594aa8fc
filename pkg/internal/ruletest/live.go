package ruletest

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// alive makes every object of the installation live and ready, but for those
// that the fixture has in their place, which count as they are.
func alive(t testing.TB, s *snapshot.Snapshot, objects folder) {
	t.Helper()
	s.Live = map[snapshot.Key]snapshot.LiveObject{}
	for _, m := range s.Rendered {
		s.Live[snapshot.KeyOf(m.Object)] = snapshot.LiveObject{Object: m.Object, Ready: true}
	}
	for _, o := range objects {
		key := snapshot.KeyOf(o)
		if _, ok := s.Live[key]; !ok {
			continue
		}
		ready, why, err := kube.Ready(o)
		if err != nil {
			t.Fatal(err)
		}
		s.Live[key] = snapshot.LiveObject{Object: o, Ready: ready, Cause: why}
	}
	s.Provide(snapshot.Live)
}

// answers are what a fixture's istiods say: text or a tree, by pod and path.
type answers map[string]map[string]any

func readAnswers(t testing.TB, dir string) answers {
	t.Helper()
	var out answers
	data, err := os.ReadFile(filepath.Join(dir, answersFile))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := document.Parse(answersFile, data)[0].Root.JSON()
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// FromPod implements cluster.Teller.
func (a answers) FromPod(_ context.Context, from kube.PodPort, path string, _ int64) ([]byte, error) {
	switch answer := a[from.Pod]["/"+path].(type) {
	case nil:
		return nil, &kube.PodError{Reason: "the fixture has no answer"}
	case string:
		return []byte(answer), nil
	default:
		return json.Marshal(answer)
	}
}

// Presented implements cluster.Presenter: the certificates stand under the
// port, as PEM.
func (a answers) Presented(_ context.Context, from kube.PodPort, _ string) ([]*x509.Certificate, error) {
	text, ok := a[from.Pod][strconv.Itoa(from.Port)].(string)
	if !ok {
		return nil, &kube.PodError{Reason: "the fixture has no certificate"}
	}
	var der []byte
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		der = append(der, block.Bytes...)
	}
	return x509.ParseCertificates(der)
}
