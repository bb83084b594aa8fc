package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestWrappers wants the chart, minor, namespace, name and the first value's
// place that each object of a GitOps tool stands for.
func TestWrappers(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"flux v2", flux("v2", "istiod", "1.28.3", ""), "istiod 1.28 istio-system HelmRelease/istio-system/x"},
		{"flux v2beta2, base", flux("v2beta2", "base", "1.27.x", ""), "base 1.27 istio-system HelmRelease/istio-system/x"},
		{"flux v2beta1, target namespace", flux("v2beta1", "gateway", "^1.30.0 <1.31.0", "  targetNamespace: edge\n"), "gateway 1.30 edge HelmRelease/istio-system/x"},
		{"any version", flux("v2", "ztunnel", "'*'", ""), "ztunnel 1.31 istio-system HelmRelease/istio-system/x"},
		{"several minors", flux("v2", "cni", "'>=1.28.0 <1.30.0'", ""), "cni 1.31 istio-system HelmRelease/istio-system/x"},
		{"old", flux("v2", "cni", "1.12.9", ""), "cni 1.18 istio-system HelmRelease/istio-system/x"},
		{"another chart", strings.ReplaceAll(flux("v2", "gateway", "1.1.0", ""), "istio", "kong"), ""},
		{"chart in Git", strings.Replace(flux("v2", "./charts/istio-cni", "1.0.0", ""), "HelmRepository", "GitRepository", 1), "cni 1.31 istio-system HelmRelease/istio-system/x"},
		{"unknown chart", flux("v2", "podinfo", "1.28.0", ""), ""},
		{"patch", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod}\nspec:\n  values:\n    pilot: {autoscaleMin: 2}\n", "istiod 1.31  HelmRelease/istiod unseen"},
		{"oci", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a, namespace: b}\nspec:\n  chartRef: {kind: OCIRepository, name: mesh}\n---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: mesh, namespace: b}\nspec:\n  url: oci://r/charts/ztunnel\n  ref: {semver: 1.29.x}\n", "ztunnel 1.29 b HelmRelease/b/a"},
		{"argo", argo("    chart: istiod\n    targetRevision: 1.29.0\n    helm:\n      values: |\n        pilot: {}\n"), "istiod 1.29 istio-system Application/argocd/x"},
		{"argo path", argo("    path: manifests/charts/istio-control/istio-discovery\n    targetRevision: main\n"), "istiod 1.31 istio-system Application/argocd/x"},
		{"argo umbrella", argo("    path: platform/mesh\n    helm:\n      valuesObject:\n        istiod: {}\n        istio-cni: {}\n"), "istiod 1.31 istio-system Application/argocd/x; cni 1.31 istio-system Application/argocd/x"},
		{"argo other", argo("    chart: redis\n    targetRevision: 1.29.0\n"), ""},
		{"sail", "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: d}\nspec: {version: v1.27-latest, namespace: mesh}\n", "istiod 1.27 mesh Istio/d"},
		{"sail cni", "apiVersion: sailoperator.io/v1\nkind: IstioCNI\nmetadata: {name: d}\nspec: {version: v1.28.1}\n", "cni 1.28 istio-cni IstioCNI/d"},
		{"sail revision tag", "apiVersion: sailoperator.io/v1\nkind: IstioRevisionTag\nmetadata: {name: d}\nspec: {}\n", ""},
		{"helmfile", "releases:\n- {name: a, namespace: n, chart: istio/istiod, version: 1.30.1}\n- {name: b, chart: bitnami/redis}\n", "istiod 1.30 n release/n/a"},
		{"k3s", "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: istiod, namespace: kube-system}\nspec: {chart: istiod, version: v1.28.0, targetNamespace: istio-system, valuesContent: 'pilot: {}'}\n", "istiod 1.28 istio-system HelmChart/kube-system/istiod"},
		{"kustomize", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n- {name: base, repo: https://istio-release.storage.googleapis.com/charts, version: 1.26.0, releaseName: r, namespace: n}\n", "base 1.26 n helmCharts/n/r"},
		{"mesh", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    rootNamespace: x\n", "mesh 1.31 istio-system ConfigMap/istio-system/istio"},
		{"another mesh", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: game}\ndata:\n  mesh: |\n    triangles: 12\n", ""},
		{"list", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n- apiVersion: sailoperator.io/v1\n  kind: ZTunnel\n  metadata: {name: d}\n  spec: {version: v1.31.0}\n", "ztunnel 1.31 ztunnel ZTunnel/d"},
		{"chart by expression", "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n  template:\n    spec:\n      source:\n        chart: '{{ .chart }}'\n        helm: {valuesObject: {pilot: {autoscaleMin: 2}}}\n", "istiod 1.31  ApplicationSet/s"},
	} {
		snap, err := Load([]string{write(t, "x.yaml", c.text)}, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := summary(snap); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func flux(version, chart, at, more string) string {
	return fmt.Sprintf("apiVersion: helm.toolkit.fluxcd.io/%s\nkind: HelmRelease\nmetadata: {name: x, namespace: istio-system}\nspec:\n%s  chart:\n    spec:\n      chart: %s\n      version: %s\n      sourceRef: {kind: HelmRepository, name: istio}\n", version, more, chart, at)
}

func argo(source string) string {
	return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x, namespace: argocd}\nspec:\n  destination: {namespace: istio-system}\n  source:\n    repoURL: https://git.example.com/istio\n" + source
}

func summary(snap *snapshot.Snapshot) string {
	var out []string
	for _, c := range snap.Configs {
		text := fmt.Sprintf("%s %s %s %s", c.Chart, c.Istio, c.ReleaseNamespace, c.Name())
		if !c.Complete() {
			text += " unseen"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// TestArgoPrecedence wants Argo CD's order: parameters over valuesObject, and
// valuesObject instead of values.
func TestArgoPrecedence(t *testing.T) {
	text := argo("    chart: istiod\n    helm:\n      values: |\n        a: 1\n        hub: x\n      valuesObject: {hub: h, tag: z, env: {A: '1'}}\n      parameters:\n      - {name: tag, value: '2', forceString: true}\n      - {name: env.B, value: 'a,b'}\n      - {name: 'imagePullSecrets', value: '{p,q}'}\n")
	snap, err := Load([]string{write(t, "x.yaml", text)}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := snap.Configs[0].Root.JSON()
	if want := `{"env":{"A":"1","B":"a,b"},"hub":"h","imagePullSecrets":["p","q"],"tag":"2"}`; err != nil || string(got) != want {
		t.Errorf("%s (%v), want %s", got, err, want)
	}
	tag := snap.Configs[0].Root.Field("tag").Location()
	if tag.Line != 15 || tag.Path != "spec.source.helm.parameters[0].tag" {
		t.Errorf("parameter at %+v", tag)
	}
	if hub := snap.Configs[0].Root.Field("hub"); hub.Path() != "spec.source.helm.valuesObject.hub" {
		t.Errorf("hub at %s", hub.Path())
	}
}

func TestMergeWrapper(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"istiod.yaml": flux("v2", "istiod", "1.28.0", "  values: {pilot: {autoscaleMin: 2}}\n"),
		"two.yaml":    flux("v2", "gateway", "1.28.0", "") + "---\n" + flux("v2", "gateway", "1.28.0", ""),
		"mesh.yaml":   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata: {mesh: 'rootNamespace: x'}\n",
		"over.yaml":   "pilot: {autoscaleMax: 9}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := Merge([]string{filepath.Join(dir, "istiod.yaml"), filepath.Join(dir, "over.yaml")}, nil, nil, Options{})
	if err != nil || len(snap.Configs) != 1 {
		t.Fatalf("%v %v", err, snap)
	}
	if c := snap.Configs[0]; c.Root.Str("pilot", "autoscaleMin") != "2" || c.Root.Str("pilot", "autoscaleMax") != "9" || c.Istio.Minor != 28 {
		t.Errorf("%v %s", c.Root.Any(), c.Istio)
	}
	for _, name := range []string{"two.yaml", "mesh.yaml"} {
		if _, err := Merge([]string{filepath.Join(dir, name)}, nil, nil, Options{}); err == nil {
			t.Errorf("%s can be merged", name)
		}
	}
}

// TestLinks wants that links to nothing, and hidden files, end no run.
func TestLinks(t *testing.T) {
	path := write(t, "iop.yaml", head+"spec: {profile: minimal}\n")
	dir := filepath.Dir(path)
	for name, to := range map[string]string{"gone.yaml": "nothing.yaml", ".#iop.yaml": "user@host:1", "loop.yaml": "loop.yaml"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ".hidden.yaml"), []byte("}{"), 0o600); err != nil {
		t.Fatal(err)
	}
	snap, err := Load([]string{dir}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var problems []string
	for _, d := range snap.Documents {
		for _, p := range d.Problems {
			problems = append(problems, filepath.Base(p.At.File)+": "+p.Message)
		}
	}
	if got := strings.Join(problems, "; "); got != "gone.yaml: the symbolic link leads to no file; loop.yaml: the symbolic link leads to no file" || len(snap.Configs) != 1 {
		t.Errorf("%s (%d configurations)", got, len(snap.Configs))
	}
}

// TestHomes wants that the Chart.yaml beside values tells whose they are.
func TestHomes(t *testing.T) {
	const umbrella = "name: mesh\ndependencies:\n- {name: istiod, version: 1.30.2, repository: https://x}\n- {name: gateway, version: 1.29.1, alias: edge, repository: https://istio.example.com}\n- {name: gateway, version: 1.0.0, alias: api, repository: https://kong.example.com}\n"
	for _, c := range []struct{ name, chart, file, text, want string }{
		{"umbrella", umbrella, "values.yaml", "istiod: {}\nedge: {}\napi: {}\nother: 1\n", "istiod 1.30  chart/mesh with istiod; gateway 1.29  chart/mesh with gateway"},
		{"in a folder called istiod", umbrella, "istiod/values.yaml", "companyPrefix: x\n", ""},
		{"environment", umbrella, "environments/values-prod.yaml", "istiod: {}\n", "istiod 1.30  chart/mesh with istiod unseen"},
		{"Istio's own", "name: istiod\nappVersion: 1.28.0\nkeywords: [istio]\n", "values-prod.yaml", "hub: x\n", "istiod 1.28  chart/istiod"},
		{"Istio's own, as it is", "name: istiod\nkeywords: [istio]\n", "values.yaml", "_internal_defaults_do_not_set: {hub: x}\n", ""},
		{"another project's", "name: gateway\nkeywords: [kong]\n", "values.yaml", "service: {type: LoadBalancer}\nlabels: {istio: x}\n", ""},
		{"another chart beside values of istiod", "name: shop\n", "istiod-values.yaml", "pilot: {autoscaleMin: 2}\n", "istiod 1.31  values of chart istiod"},
		{"no chart", "}{", "values.yaml", "pilot: {autoscaleMin: 2}\n", "istiod 1.31  values of chart istiod"},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{"Chart.yaml": c.chart, c.file: c.text, "x.yaml": head, "files/a.yaml": "{{ x }}", "templates/b.yaml": "{{ x }}"} {
			path := filepath.Join(dir, file)
			if strings.HasPrefix(c.file, "istiod/") && file == "Chart.yaml" {
				path = filepath.Join(dir, "istiod", file)
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		snap, err := Load([]string{filepath.Join(dir, c.file)}, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := summary(snap); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestPatches wants that patches are judged as what comes of them and the
// object below, and that they say so where there is no such object.
func TestPatches(t *testing.T) {
	base := flux("v2", "istiod", "1.30.1", "  values: {pilot: {autoscaleMin: 2, autoscaleMax: 4}}\n")
	patch := "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x}\nspec:\n  values: {pilot: {autoscaleMin: 3}}\n"
	iop := head + "metadata: {name: m, namespace: n}\nspec: {profile: minimal}\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"flux", map[string]string{"a.yaml": base, "b.yaml": patch}, "istiod 1.30 istio-system HelmRelease/istio-system/x 2-4; istiod 1.30 istio-system HelmRelease/x 3-4"},
		{"two objects", map[string]string{"a.yaml": base, "a2.yaml": base, "b.yaml": patch}, "istiod 1.30 istio-system HelmRelease/istio-system/x 2-4; istiod 1.30 istio-system HelmRelease/istio-system/x 2-4; istiod 1.31  HelmRelease/x unseen 3-"},
		{"operator", map[string]string{"iop.yaml": iop, "kustomization.yaml": kustomize + "patches:\n- path: p.yaml\n", "p.yaml": head + "metadata: {name: m}\nspec: {values: {pilot: {autoscaleMin: 3}}}\n"}, " 1.31  IstioOperator/n/m minimal; 1.31  IstioOperator/n/m minimal"},
		{"inline", map[string]string{"kustomization.yaml": kustomize + "patches:\n- patch: |-\n    " + strings.ReplaceAll(iop, "\n", "\n    ") + "\n- patch: |-\n    - op: add\n      path: /x\n"}, " 1.31  IstioOperator/n/m unseen minimal"},
		{"sail without a version", map[string]string{"a.yaml": "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: d}\nspec: {values: {pilot: {autoscaleMin: 2}}}\n"}, "istiod 1.31 istio-system Istio/d 2-"},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		snap, err := Load([]string{dir}, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for i, text := range strings.Split(summary(snap), "; ") {
			root := snap.Configs[i].Root
			if root.Field("spec") != nil {
				text += " " + root.Str("spec", "profile")
			} else {
				text += " " + root.Str("pilot", "autoscaleMin") + "-" + root.Str("pilot", "autoscaleMax")
			}
			out = append(out, text)
		}
		if got := strings.Join(out, "; "); got != strings.ReplaceAll(c.want, "; 1.31", ";  1.31") {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

const kustomize = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"

// TestReferences wants that a values file belongs to the charts that objects
// give it to, whatever it is called.
func TestReferences(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"kustomization.yaml": kustomize + "helmCharts:\n- {name: istiod, repo: https://istio.example.com, valuesFile: values/a.yaml, additionalValuesFiles: [values/both.yaml]}\n- {name: gateway, repo: https://istio.example.com, valuesFile: values/both.yaml}\n- {name: gateway, repo: https://kong.example.com, valuesFile: values/kong.yaml}\n",
		"values/a.yaml":      "global: {variant: distroless}\n",
		"values/both.yaml":   "global: {variant: distroless}\npilot: {autoscaleMin: 2}\nlabels: {istio: edge}\nmistake: 1\n",
		"values/kong.yaml":   "global: {variant: distroless}\n",
		"values/argo.yaml":   "global: {variant: distroless}\n",
		"app.yaml":           argo("    chart: ztunnel\n    helm: {valueFiles: [$values/values/argo.yaml, values.yaml]}\n"),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := Load([]string{filepath.Join(dir, "values"), dir}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range snap.Configs {
		if c.Wrapper == nil {
			text := c.Chart
			for _, f := range c.Root.Fields() {
				text += " " + f.Name()
			}
			got = append(got, text)
		}
	}
	if want := "istiod global; ztunnel global; gateway global pilot labels mistake; istiod global pilot mistake"; strings.Join(got, "; ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}
