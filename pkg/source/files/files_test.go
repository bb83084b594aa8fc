package files

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"istio.io/istio/operator/pkg/render"
	"istio.io/istio/operator/pkg/values"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const head = "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n"

func TestRecognise(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"x.yaml", "pilot:\n  autoscaleMin: 2\n", "istiod"},
		{"x.yaml", "meshConfig:\n  accessLogFile: x\n", "istiod"},
		{"x.yaml", "sidecarInjectorWebhook: {}\nglobal:\n  proxy: {}\n", "istiod"},
		{"x.yaml", "global:\n  hub: x\n  tag: y\n  meshID: z\n", "istiod"},
		{"x.yaml", "cniBinDir: /x\n", "cni"},
		{"x.yaml", "cni:\n  cniBinDir: /x\n", "cni"},
		{"x.yaml", "ambient:\n  enabled: true\n", "cni"},
		{"x.yaml", "base:\n  enableCRDTemplates: true\n", "base"},
		{"x.yaml", "defaultRevision: default\n", "base"},
		{"x.yaml", "xdsAddress: a:1\n", "ztunnel"},
		{"x.yaml", "labels:\n  istio: ingress\nservice:\n  type: NodePort\n", "gateway"},
		{"x.yaml", "networkGateway: n\n", "gateway"},
		{"values-istiod.yaml", "pilott: {}\n", "istiod"},
		{"istiod.values.yaml", "env: {}\n", "istiod"},
		{"istio-base-values.yaml", "global: {}\n", "base"},
		{"istio-ingressgateway.yaml", "replicaCount: 2\n", "gateway"},
		{"values-cni.yaml", "resources: {}\n", "cni"},
		// Charts of other projects.
		{"values.yaml", "replicaCount: 1\nimage:\n  repository: nginx\nservice:\n  type: ClusterIP\nresources: {}\n", ""},
		{"values-gateway.yaml", "replicaCount: 1\nimage:\n  repository: kong\ningress: {}\n", ""},
		{"x.yaml", "global:\n  imageRegistry: r\npostgresql: {}\n", ""},
		{"x.yaml", "server: {}\nalertmanager: {}\n", ""},
		{"x.yaml", "resources: {}\nnodeSelector: {}\naffinity: {}\n", ""},
		{"x.yaml", "apiVersion: v1\nkind: ConfigMap\npilot: {}\n", ""},
	} {
		d := document.Parse(c.file, []byte(c.text))[0]
		got := ""
		if configs := (finder{}).recognise(d); len(configs) > 0 {
			got = configs[0].Chart
		}
		if got != c.want {
			t.Errorf("%s %q is %q, want %q", c.file, c.text, got, c.want)
		}
	}
}

func TestSetErrors(t *testing.T) {
	for _, expr := range []string{"x", "=1", "hub.x=1", "components.pilot[0].x=1", "tag[0]=1", "components.ingressGateways.[name:none].x=1", "profile.[a:b]=1"} {
		_, err := Merge([]string{write(t, "x.yaml", head+"spec:\n  hub: a\n  profile: minimal\n  tag: b\n  components:\n    pilot: {}\n    ingressGateways: []\n")}, []string{expr}, nil, Options{})
		var set *SetError
		if !errors.As(err, &set) || !strings.Contains(err.Error(), expr) {
			t.Errorf("%s: %v, want a SetError that names it", expr, err)
		}
	}
}

// TestEffectiveIsIstioctls compares the effective values with those that
// istioctl itself computes, apart from what the charts' own profile files add.
func TestEffectiveIsIstioctls(t *testing.T) {
	for name, spec := range map[string]string{
		"default":  "  profile: default\n",
		"demo":     "  profile: demo\n  tag: 1.30.0\n",
		"ambient":  "  profile: ambient\n  revision: canary\n",
		"values":   "  hub: quay.io/x\n  meshConfig:\n    accessLogFile: a\n  values:\n    global:\n      hub: docker.io/y\n    meshConfig:\n      accessLogFile: b\n",
		"unseen":   "  meshConfig:\n    accessLogFile: a\n  values:\n    global:\n      hub: docker.io/y\n  unvalidatedValues:\n    global:\n      hub: docker.io/z\n    meshConfig:\n      accessLogFile: c\n",
		"platform": "  profile: openshift\n  compatibilityVersion: \"1.30\"\n",
	} {
		path := write(t, "iop.yaml", head+"spec:\n"+spec)
		snap, err := Load([]string{path}, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := render.MergeInputs([]string{path}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		// As istioctl does when it has validated the values.
		if unseen, _ := want.GetPathMap("spec.unvalidatedValues"); unseen != nil {
			want.MergeFrom(values.MakeMap(unseen, "spec", "values"))
		}
		contains(t, name, snap.Configs[0].Effective, want["spec"], "spec")
	}
}

// TestEmptySpecIsIstioctls wants that a file with an empty spec leaves what
// the others set, wherever it stands, as istioctl reads it.
func TestEmptySpecIsIstioctls(t *testing.T) {
	full, empty := write(t, "a.yaml", head+"spec:\n  profile: demo\n  meshConfig:\n    accessLogFile: a\n"), write(t, "b.yaml", head+"spec:\n")
	for _, paths := range [][]string{{full, empty}, {empty, full}, {empty}, {empty, empty}} {
		snap, err := Merge(paths, nil, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := render.MergeInputs(paths, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		contains(t, strings.Join(paths, " "), snap.Configs[0].Effective, want["spec"], "spec")
		if got := snap.Configs[0].Root.Str("spec", "profile"); len(paths) == 2 && paths[0] != paths[1] && got != "demo" {
			t.Errorf("%v: profile %q", paths, got)
		}
	}
}

// TestManyFiles fails by its time where finding duplicates is quadratic.
func TestManyFiles(t *testing.T) {
	var in []input
	for n := range 200_000 {
		in = append(in, input{path: "dir/" + strconv.Itoa(n) + ".yaml"}, input{path: "./dir/" + strconv.Itoa(n/2) + ".yaml"})
	}
	start := time.Now()
	if got := len(unique(in)); got != 200_000 {
		t.Errorf("%d files", got)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestInterrupted(t *testing.T) {
	path := write(t, "x.yaml", head)
	stop := errors.New("stop")
	o := Options{Interrupted: func() error { return stop }}
	for _, paths := range [][]string{{path}, {filepath.Dir(path)}} {
		if _, err := Load(paths, nil, o); !errors.Is(err, stop) {
			t.Errorf("%s: %v", paths, err)
		}
	}
	if _, err := Merge([]string{path}, nil, nil, o); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// contains wants every scalar of want in got.
func contains(t *testing.T, name string, got *document.Value, want any, path string) {
	t.Helper()
	if path == "spec.hub" || path == "spec.tag" || strings.HasPrefix(path, "spec.values.global.hub") || strings.HasPrefix(path, "spec.values.global.tag") {
		return // istioctl's own are those of a development build
	}
	got = got.Field(path[strings.LastIndex(path, ".")+1:])
	switch w := want.(type) {
	case map[string]any:
		for key, value := range w {
			contains(t, name, got, value, path+"."+key)
		}
	case values.Map:
		contains(t, name, got, map[string]any(w), path)
	case string, bool:
		if got == nil || got.Any() != w && got.Text != w {
			t.Errorf("%s: %s is %v, want %v", name, path, got.Any(), w)
		}
	}
}

func TestEffectiveTag(t *testing.T) {
	snap, err := Merge(nil, nil, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	v := snap.Configs[0].EffectiveValues()
	if hub, tag := v.Str("global", "hub"), v.Str("global", "tag"); hub != facts.ReleaseHub || tag != facts.EmbeddedRelease {
		t.Errorf("the default profile has %s:%s", hub, tag)
	}
	if !snap.Configs[0].ComponentEnabled("pilot") || snap.Configs[0].ComponentEnabled("cni") {
		t.Error("the default profile has istiod and no CNI")
	}
	snap, err = Merge(nil, []string{"profile=nope"}, nil, Options{})
	if err != nil || snap.Configs[0].Effective != nil {
		t.Errorf("an unknown profile has effective values, or %v", err)
	}
}

// FuzzSet wants that no expression makes the merge panic, and that whatever
// it does can be encoded.
func FuzzSet(f *testing.F) {
	for _, s := range []string{"a=b", "hub.x=1", "components.ingressGateways[0].name=x", "a.[b:c]=d", "values.a\\.b=c", "tag=1.20", "a={1,2}", "a[3]=1", "=", "a=null", "..=1", "a[-1]=2", "profile=../x"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, expr string, operator bool) {
		text, chart := "autoscaleMin: 2\nglobal:\n  hub: x\nlist: [a, {b: c}]\n", "istiod"
		if operator {
			text, chart = head+"spec:\n  hub: x\n  components:\n    ingressGateways:\n    - name: a\n", ""
		}
		root := document.Parse("f", []byte(text))[0].Root
		configs := []*snapshot.Config{{Chart: chart, Root: root}}
		if err := setAll(configs, []string{expr}); err != nil {
			return
		}
		if _, err := configs[0].Root.JSON(); err != nil {
			t.Error(err)
		}
		effective(configs[0])
	})
}
