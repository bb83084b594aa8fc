package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// An export of a cluster that reads another one lacks the services of that.
func TestRemoteSecretMeansOtherServices(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export.yaml")
	text := "apiVersion: v1\nkind: Secret\nmetadata:\n  name: istio-remote-secret-west\n  namespace: istio-system\n  labels: {istio/multiCluster: \"true\"}\nstringData: {west: \"apiVersion: v1\"}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := LoadObjects([]string{path}, nil, "", Options{Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	if ok, why := s.Has(snapshot.Sole); ok || !strings.Contains(why, "cluster west") {
		t.Errorf("sole cluster: %v, %q", ok, why)
	}
	if ok, why := s.Has(snapshot.Whole); !ok {
		t.Errorf("whole: %s", why)
	}
}
