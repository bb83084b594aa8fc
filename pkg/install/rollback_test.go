package install

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// maps is an API server that knows ConfigMaps. fail may answer in its place.
func maps(t *testing.T, fail func(w http.ResponseWriter, r *http.Request) bool) *kube.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/api":
			io.WriteString(w, `{"kind":"APIVersions","versions":["v1"]}`)
		case r.URL.Path == "/apis":
			io.WriteString(w, `{"kind":"APIGroupList","groups":[]}`)
		case r.URL.Path == "/api/v1":
			io.WriteString(w, `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"configmaps","namespaced":true,"kind":"ConfigMap","verbs":["list"]}]}`)
		case !fail(w, r):
			fmt.Fprintf(w, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"a","name":%q,"uid":"1"}}`, filepath.Base(r.URL.Path))
		}
	}))
	t.Cleanup(s.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	config := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: x, clusters: [{name: x, cluster: {server: %q}}], contexts: [{name: x, context: {cluster: x}}]}`, s.URL)
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := kube.NewFlags()
	flags.UseKubeconfig(path)
	c, err := flags.Connect()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func changed(name string) entry {
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "a", "name": name}}}
	return entry{key: snapshot.KeyOf(o), before: o, about: o}
}

// refuses answers a request with a status of the API.
func refuses(w http.ResponseWriter, code int, reason string) bool {
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d,"message":"as the test wants it"}`, reason, code)
	return true
}

// TestRollbackTakesItsTime wants what fails for a moment to be tried again
// after the others, however often, and what fails for good to be named.
func TestRollbackTakesItsTime(t *testing.T) {
	failed := 0
	c := maps(t, func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/later") && failed < 12:
			failed++
			return refuses(w, http.StatusServiceUnavailable, "ServiceUnavailable")
		case r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/never"):
			return refuses(w, http.StatusForbidden, "Forbidden")
		}
		return false
	})
	var back []string
	r := &rollback{Client: c, emit: func(e Event) { back = append(back, e.Object) }, pause: time.Microsecond}
	err := r.run(t.Context(), []entry{changed("later"), changed("never"), changed("now")})
	if want := []string{"ConfigMap/a/now", "ConfigMap/a/later"}; !slices.Equal(back, want) {
		t.Errorf("put back %q, want %q", back, want)
	}
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "ConfigMap/a/never: is not what it was: as the test wants it") {
		t.Errorf("%v", err)
	}
}

// TestAwaitGoneEnds wants no wait for what nobody will tell.
func TestAwaitGoneEnds(t *testing.T) {
	c := maps(t, func(w http.ResponseWriter, _ *http.Request) bool {
		return refuses(w, http.StatusForbidden, "Forbidden")
	})
	left := awaitGone(t.Context(), c, []entry{changed("x")})
	if len(left) != 1 || !strings.Contains(left[0].Cause, "whether it is gone is not known: as the test wants it") {
		t.Errorf("%v", left)
	}
}

// TestLastingConflicts wants what no repetition mends to end at once, with
// what to do.
func TestLastingConflicts(t *testing.T) {
	asked := 0
	message, causes := "", ""
	c := maps(t, func(w http.ResponseWriter, _ *http.Request) bool {
		asked++
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Conflict","code":409,"message":%q,"details":{"causes":[%s]}}`, message, causes)
		return true
	})
	e := changed("x")
	for name, tc := range map[string]struct {
		message, causes string
		request         func() error
		want            string
	}{
		"fields of another": {"Apply failed with 1 conflict", `{"reason":"FieldManagerConflict","message":"conflict with \"kubectl-edit\" using v1","field":".data.mesh"}`,
			func() error { _, err := c.Apply(t.Context(), e.before, kube.ApplyOptions{}); return err }, "since the plan was made kubectl-edit has set data.mesh; --take-ownership takes it over"},
		"another of its name": {`the UID in the precondition (1) does not match: Precondition failed: UID in precondition: 1, UID in object meta: 2`, "",
			func() error { return c.Delete(t.Context(), e.before) }, "somebody has made it anew"},
	} {
		asked, message, causes = 0, tc.message, tc.causes
		err := send(t.Context(), e.key, tc.request)
		if err == nil || asked != 1 || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %d requests, %v", name, asked, err)
		}
	}
}
