package charts_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"istio.io/istio/manifests"

	"github.com/meshctl/meshctl/pkg/source/charts"
)

// TestPlaces reads Istio's own charts from every kind of place. Web server
// and registry are real ones on this machine, with TLS.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "release", "manifests"), manifests.FS); err != nil {
		t.Fatal(err)
	}
	istiod := pack(t, "istiod", "charts/istio-control/istio-discovery")
	write(t, filepath.Join(dir, "istiod-1.31.0.tgz"), istiod)
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(istiod) }))
	defer web.Close()
	oci := httptest.NewTLSServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer oci.Close()
	reader := charts.Reader{Transport: web.Client().Transport}
	ociHost := strings.TrimPrefix(oci.URL, "https://")
	push(t, ociHost+"/charts/istiod:1.31.0", istiod, oci.Client().Transport)

	for _, tc := range []struct {
		place, chart string
		root         bool
		transport    http.RoundTripper
	}{
		{filepath.Join(dir, "release"), "ztunnel", true, nil},
		{filepath.Join(dir, "release", "manifests"), "base", true, nil},
		{filepath.Join(dir, "release", "manifests", "charts", "gateway"), "gateway", false, nil},
		{filepath.Join(dir, "release", "manifests", "charts"), "cni", false, nil},
		{filepath.Join(dir, "istiod-1.31.0.tgz"), "istiod", false, nil},
		{web.URL + "/istiod-1.31.0.tgz", "istiod", false, web.Client().Transport},
		{"oci://" + ociHost + "/charts/istiod:1.31.0", "istiod", false, oci.Client().Transport},
	} {
		reader.Transport = tc.transport
		set, err := reader.Load(t.Context(), []string{tc.place})
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if _, err := set.Chart(tc.chart); err != nil || (set.Root != "") != tc.root {
			t.Errorf("%s: %v, root %q", tc.place, err, set.Root)
		}
	}
}

// TestRefusals wants a reason, in time and in little memory, for what is no
// chart.
func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "values.tgz"), []byte("pilot: {}\n"))
	write(t, filepath.Join(dir, "bomb.tgz"), archive(t, map[string][]byte{"istiod/Chart.yaml": []byte("name: istiod\n"), "istiod/big": make([]byte, 60<<20)}))
	write(t, filepath.Join(dir, "escape.tgz"), archive(t, map[string][]byte{"istiod/../../Chart.yaml": []byte("name: istiod\n")}))
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			for chunk := make([]byte, 1<<20); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		case "/plain":
			http.Redirect(w, r, "http://127.0.0.1:1/istiod.tgz", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	for place, want := range map[string]string{
		dir:                              "the folder holds no chart",
		filepath.Join(dir, "nothing"):    "no such file",
		filepath.Join(dir, "values.tgz"): "not the package of a chart",
		filepath.Join(dir, "bomb.tgz"):   "larger than the maximum",
		filepath.Join(dir, "escape.tgz"): "not the package of a chart",
		"http://example.com/istiod.tgz":  "want a folder, a package, oci:// or https://",
		web.URL + "/missing":             "404",
		web.URL + "/endless":             "larger than 20 MiB",
		web.URL + "/plain":               "redirected to http://",
	} {
		_, err := charts.Reader{Transport: web.Client().Transport}.Load(t.Context(), []string{place})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", place, err, want)
		}
	}
}

// TestLinks wants links followed inside of a folder, and none out of it: a
// template could print what they lead to, also where Istio's own code reads.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "outside"), []byte("of the chart"))
	for name, tc := range map[string]struct{ folder, link, target, want string }{
		"inside":   {".", "link", "values.yaml", ""},
		"above":    {".", "link", "../outside", "link is a link that leads out"},
		"absolute": {".", "templates/link", "/proc/self/environ", "templates/link is a link that leads out"},
		"folder":   {".", "link", "/proc/self", "link is a link that leads out"},
		"layout":   {"manifests/charts/base", "../link", "/etc/hostname", "charts/link is a link that leads out"},
	} {
		chart := filepath.Join(dir, name, tc.folder)
		for _, folder := range []string{"templates", "../../profiles"} {
			if err := os.MkdirAll(filepath.Join(chart, folder), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		write(t, filepath.Join(chart, "Chart.yaml"), []byte("apiVersion: v2\nname: base\nversion: 1.31.0\n"))
		write(t, filepath.Join(chart, "values.yaml"), []byte("a: 1\n"))
		if err := os.Symlink(tc.target, filepath.Join(chart, tc.link)); err != nil {
			t.Fatal(err)
		}
		_, err := charts.Reader{}.Load(t.Context(), []string{filepath.Join(dir, name)})
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// TestEndless wants a bound on what is read, whatever size a file claims.
func TestEndless(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Chart.yaml"), []byte("apiVersion: v2\nname: base\nversion: 1.31.0\n"))
	write(t, filepath.Join(dir, "a"), make([]byte, 11<<20))
	write(t, filepath.Join(dir, "b"), make([]byte, 11<<20))
	if _, err := (charts.Reader{}).Load(t.Context(), []string{dir}); err == nil || !strings.Contains(err.Error(), "larger than 20 MiB") {
		t.Errorf("%v", err)
	}
}

// TestAddresses wants nothing printed of an address but scheme, host and path.
func TestAddresses(t *testing.T) {
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, "http://us3r:s3cret@127.0.0.1:1/istiod.tgz?sig=s3cret", http.StatusFound)
			return
		}
		http.NotFound(w, r)
	}))
	defer web.Close()
	host := strings.TrimPrefix(web.URL, "https://")
	for place, want := range map[string]string{
		"https://" + host + "/x.tgz?X-Amz-Signature=s3cret&sig=s3cret": "reading charts from https://" + host + "/x.tgz: ",
		"https://s3crettoken@" + host + "/x.tgz":                       "reading charts from https://" + host + "/x.tgz: ",
		"https://bob:s3cret@" + host + "/redirect":                     "redirected to http://127.0.0.1:1/istiod.tgz",
		"https://bob:s3/cret@" + host + "/x.tgz":                       "reading charts from https://" + host + "/x.tgz: ",
		"https://s3cret@127.0.0.1:1/x.tgz?token=s3cret#s3cret":         "reading charts from https://127.0.0.1:1/x.tgz: ",
		"https://%zz:s3cret@127.0.0.1:1/x?s3cret":                      "reading charts from https://127.0.0.1:1/x: ",
		"ftp://s3cret@example.com/x?s3cret":                            "reading charts from ftp://example.com/x: want a folder",
		"oci://bob:s3cret@127.0.0.1:1/x:1?sig=s3cret":                  "reading charts from oci://127.0.0.1:1/x:1: ",
	} {
		_, err := charts.Reader{Transport: web.Client().Transport}.Load(t.Context(), []string{place})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3") {
			t.Errorf("%s: %v, want %q", place, err, want)
		}
	}
}

// TestPlainHTTP wants no credentials sent in plain text, and no chart fetched
// so but from this machine.
func TestPlainHTTP(t *testing.T) {
	var seen []string
	oci := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer oci.Close()
	host := strings.TrimPrefix(oci.URL, "http://")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.json"), []byte(`{"auths":{"`+host+`":{"auth":"Ym9iOnMzY3JldA=="}}}`))
	t.Setenv("DOCKER_CONFIG", dir)
	_, err := charts.Reader{}.Load(t.Context(), []string{"oci://" + host + "/charts/istiod:1.31.0"})
	if err == nil || !strings.Contains(err.Error(), "wants credentials in plain http") || len(seen) == 0 || strings.Join(seen, "") != "" {
		t.Errorf("%v; the registry got %q", err, seen)
	}
	refused := roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme == "http" {
			t.Errorf("%s is asked in plain text", r.URL)
		}
		return nil, errors.New("refused")
	})
	if _, err := (charts.Reader{Transport: refused}).Load(t.Context(), []string{"oci://10.0.0.1/charts/istiod:1.31.0"}); err == nil {
		t.Error("there is a chart")
	}
	open := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer open.Close()
	host = strings.TrimPrefix(open.URL, "http://")
	push(t, host+"/charts/istiod:1.31.0", pack(t, "istiod", "charts/istio-control/istio-discovery"), http.DefaultTransport)
	if _, err := (charts.Reader{}).Load(t.Context(), []string{"oci://" + host + "/charts/istiod:1.31.0"}); err != nil {
		t.Errorf("without credentials: %v", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// pack makes the package of a chart as helm does.
func pack(t *testing.T, chart, folder string) []byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(manifests.FS, folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[chart+strings.TrimPrefix(path, folder)], err = fs.ReadFile(manifests.FS, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return archive(t, files)
}

func archive(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for name, data := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func push(t *testing.T, reference string, packed []byte, transport http.RoundTripper) {
	t.Helper()
	ref, err := name.ParseReference(reference)
	if err != nil {
		t.Fatal(err)
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), "application/vnd.cncf.helm.config.v1+json")
	image, err := mutate.AppendLayers(base, static.NewLayer(packed, "application/vnd.cncf.helm.chart.content.v1.tar+gzip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, image, remote.WithTransport(transport)); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
