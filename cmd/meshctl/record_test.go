package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const customOperator = operator + `spec:
  profile: minimal
  meshConfig: {accessLogFile: /dev/stdout}
  values:
    global: {variant: distroless}
    pilot: {env: {PILOT_PUSH_THROTTLE: "90"}}
`

// TestRecord installs from a file and wants everything after that to need
// none: what install recorded is verified and planned.
func TestRecord(t *testing.T) {
	b := startSandbox(t)
	b.meshctl("verify").wants(t, exitFindings, "nothing is installed in", "-f, --set or --profile name what should be")
	b.meshctl("plan").wants(t, exitFindings, "+ Deployment/istio-system/istio-ingressgateway") // of the default profile, as install
	b.meshctl("precheck").wants(t, exitOK)
	if w := b.writes(); len(w) > 0 {
		t.Fatalf("looking for records wrote: %q", w)
	}
	file := writeFile(t, "istio.yaml", customOperator)
	short := b.meshctl("install", "-f", file, "-y").wants(t, exitOK, "+ 15 CustomResourceDefinition: authorizationpolicies.security.istio.io, ",
		"Istio 1.31.0, revision default in namespace istio-system: installed and verified in ", "Next: `kubectl label namespace NAME istio-injection=enabled`")
	if strings.Contains(short.out, "✔") || strings.Count(short.out, "\n") > 60 {
		t.Errorf("install prints what does not matter:\n%s", short.out)
	}
	if r := b.meshctl("precheck", "-q", "--set", "meshConfig.accessLogFile=/dev/stdout").wants(t, exitOK); r.out != "" {
		t.Errorf("-q prints what --fail-on is not about:\n%s", r.out)
	}
	before := len(b.writes())
	r := b.meshctl("verify").wants(t, exitOK, "looking at what is installed: IstioOperator/istio-system/installed-state of revision default (recorded, Istio 1.31.0)", "proxyv2:1.31.0-distroless")
	if strings.Contains(r.out+r.stderr, "not ready") {
		t.Errorf("verify: %s", r.out)
	}
	b.meshctl("plan").wants(t, exitOK, "0 to create, 0 to change, 0 to delete")
	b.meshctl("precheck").wants(t, exitOK, "recorded, Istio 1.31.0")
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("verify, plan and precheck wrote: %q", w)
	}
	t.Run("nothing to do, nothing written", func(t *testing.T) {
		before := len(b.writes())
		b.meshctl("install", "-f", file, "-y").wants(t, exitOK, "nothing to apply")
		if w := b.writes()[before:]; len(w) > 0 {
			t.Errorf("an install that changes nothing wrote: %q", w)
		}
		b.meshctl("install", "-y").wants(t, exitOK, "(recorded, Istio 1.31.0)", "nothing to apply")
		if w := b.writes()[before:]; len(w) > 0 {
			t.Errorf("an install without a file did not keep to what is recorded: %q", w)
		}
		b.meshctl("install", "--name", "other").wants(t, exitUsage, "no installation is named other; there are: ")
		b.meshctl("install", "--revision", "canary").wants(t, exitFindings, "no installation is of revision canary, so this is about the default profile", "cancelled")
	})
	t.Run("secret", b.recordIsSecret)
	t.Run("drift", b.driftOfRecord)
	t.Run("changed values", b.changedValues)
	t.Run("another name", b.anotherName)
	t.Run("several", b.severalRecords)
	t.Run("newer form", b.newerRecord)
}

// recordIsSecret wants the values out of sight: the only plain text of a
// record is its form and its state.
func (b *box) recordIsSecret(t *testing.T) {
	s, err := b.client().CoreV1().Secrets("istio-system").Get(t.Context(), "meshctl-default", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if form := string(s.Data["version"]); form != "meshctl.installation/v1" {
		t.Errorf("form %q", form)
	}
	if s.Annotations["meshctl.io/state"] != "applied" || strings.Contains(string(s.Data["record.json.gz"]), "PUSH_THROTTLE") {
		t.Errorf("%v", s.Annotations)
	}
}

// driftOfRecord wants a deleted ConfigMap and a changed Deployment to be found
// without a file.
func (b *box) driftOfRecord(t *testing.T) {
	c, ctx := b.client(), t.Context()
	if err := c.CoreV1().ConfigMaps("istio-system").Delete(ctx, "istio", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err := c.AppsV1().Deployments("istio-system").Patch(ctx, "istiod", types.StrategicMergePatchType,
		[]byte(`{"spec":{"template":{"spec":{"containers":[{"name":"discovery","env":[{"name":"PILOT_PUSH_THROTTLE","value":"50"}]}]}}}}`), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b.meshctl("verify", "--select", "POST001").wants(t, exitFindings, "ConfigMap/istio-system/istio is missing", "Deployment/istio-system/istiod was changed")
	b.meshctl("plan").wants(t, exitFindings, "+ ConfigMap/istio-system/istio", "~ Deployment/istio-system/istiod")
	b.meshctl("install", "-f", writeFile(t, "istio.yaml", customOperator), "-y", "--take-ownership").wants(t, exitOK)
	b.meshctl("verify").wants(t, exitOK)
}

// anotherName gives the installation a name, which leaves one record, and wants
// a file of another name not to take it over without being told to.
func (b *box) anotherName(t *testing.T) {
	file := writeFile(t, "istio.yaml", customOperator)
	named := writeFile(t, "named.yaml", strings.Replace(customOperator, "metadata:\n", "metadata:\n  name: mesh-a\n", 1))
	b.meshctl("install", "-f", named, "-y").wants(t, exitOK, "IstioOperator/istio-system/mesh-a of revision default would take", "this is the installation IstioOperator/istio-system/mesh-a")
	b.meshctl("plan").wants(t, exitOK, "IstioOperator/istio-system/mesh-a of revision default (recorded", "0 to create, 0 to change, 0 to delete")
	b.meshctl("install", "-f", file, "-y").wants(t, exitFindings, "PRE032", "from IstioOperator/istio-system/mesh-a of revision default", "nothing was applied")
	b.meshctl("install", "-f", file, "-y", "--take-ownership").wants(t, exitOK, "no longer IstioOperator/istio-system/mesh-a")
	b.meshctl("plan").wants(t, exitOK, "IstioOperator/istio-system/installed-state of revision default (recorded", "0 to create, 0 to change, 0 to delete")
}

// severalRecords puts a canary beside: verify looks at both, plan asks which.
func (b *box) severalRecords(t *testing.T) {
	file := writeFile(t, "istio.yaml", customOperator)
	b.meshctl("install", "-f", file, "--revision", "canary", "-y").wants(t, exitOK)
	b.meshctl("verify").wants(t, exitOK, "of revision canary (recorded", "of revision default (recorded", "; 34 objects")
	b.meshctl("plan").wants(t, exitUsage, "several installations are there, choose one with --revision", "of revision canary")
	b.meshctl("plan", "--revision", "canary").wants(t, exitOK, "0 to create, 0 to change, 0 to delete")
	b.meshctl("verify", "--revision", "nope").wants(t, exitUsage, "no installation is of revision nope; there are:")
	b.meshctl("verify", "-n", "nope").wants(t, exitUsage, "no installation is in namespace nope; there are: IstioOperator/istio-system/")
	b.meshctl("uninstall", "-n", "nope", "--revision", "canary").wants(t, exitUsage, "no installation is in namespace nope and of revision canary; there are:")
	b.meshctl("plan", "-f", writeFile(t, "other.yaml", customOperator+"  revision: other\n"), "--revision", "canary").wants(t, exitUsage, "is of revision other; change one of the two")
}

// newerRecord wants a form of the future to be refused, not guessed at, and
// other installations not to suffer from it.
func (b *box) newerRecord(t *testing.T) {
	_, err := b.client().CoreV1().Secrets("istio-system").Patch(t.Context(), "meshctl-canary", types.MergePatchType,
		[]byte(`{"stringData":{"version":"meshctl.installation/v9"}}`), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"verify", "--revision", "canary"}, {"plan", "--revision", "canary"}, {"uninstall", "--revision", "canary", "-y"},
		{"uninstall", "--all", "-y"}, {"install", "--revision", "canary", "-y", "--set", "profile=minimal"}} {
		b.meshctl(command...).wants(t, exitFailed, "Secret/istio-system/meshctl-canary cannot be read", `"meshctl.installation/v9"`, "use the meshctl that wrote it, or a newer one")
	}
	b.meshctl("verify").wants(t, exitFailed, "looking at what is installed: IstioOperator/istio-system/installed-state of revision default", "0 errors", "Secret/istio-system/meshctl-canary cannot be read")
	b.meshctl("verify", "--revision", "default").wants(t, exitOK)
	b.meshctl("plan").wants(t, exitUsage, "of revision canary (recorded, unreadable)")
	b.meshctl("plan", "--revision", "default").wants(t, exitFindings, "Plan: 0 to create") // the canary has signed what both share
	b.meshctl("uninstall", "--revision", "default", "--dry-run").wants(t, exitOK, "20 objects to delete")
}

// changedValues goes on from the record of an installation with the behaviour
// of an older minor: exactly what the values change is planned and applied.
func (b *box) changedValues(t *testing.T) {
	older := writeFile(t, "istio.yaml", customOperator+"    compatibilityVersion: \"1.30\"\n")
	newer := writeFile(t, "istio.yaml", strings.Replace(customOperator, "{variant: distroless}", "{variant: distroless, network: net-1}", 1))
	b.meshctl("install", "-f", older, "-y").wants(t, exitOK)
	b.meshctl("verify", "--fail-on", "warning").wants(t, exitOK)
	r := b.meshctl("plan", "-f", newer).wants(t, exitFindings)
	var got []string
	for line := range strings.Lines(r.out) {
		if !strings.Contains(line, "merged-values") { // what istiod's chart keeps for istioctl
			got = append(got, strings.TrimSpace(line))
		}
	}
	env := func(name string) string {
		return "spec.template.spec.containers[discovery].env[" + name + `]: {"name":"` + name + `","value":"false"} → (none)`
	}
	want := []string{
		"~ Namespace/istio-system", "metadata.labels.topology.istio.io/network: (none) → net-1",
		"~ ConfigMap/istio-system/istio-sidecar-injector", "data.values: global.network: (none) → net-1",
		"data.values: pilot.env.PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS: false → (none)",
		"data.values: pilot.env.PILOT_ENABLE_STRICT_GATEWAY_MERGING: false → (none)",
		"data.values: pilot.env.PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY: false → (none)",
		"~ ConfigMap/istio-system/values", "data.original-values: compatibilityVersion: 1.30 → (none)", "data.original-values: global.network: (none) → net-1",
		"~ Deployment/istio-system/istiod",
		env("PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS"), env("PILOT_ENABLE_STRICT_GATEWAY_MERGING"), env("PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY"),
		"Plan: 0 to create, 4 to change, 0 to delete, 33 unchanged.",
		"This is Istio 1.31.0, revision default in namespace istio-system; `meshctl install` with the same flags applies it.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("wanted changes (-) and planned ones (+) differ:\n%s", diff)
	}
	b.meshctl("install", "-f", newer, "-y").wants(t, exitOK)
	b.meshctl("verify", "--fail-on", "warning").wants(t, exitOK)
	ns, err := b.client().CoreV1().Namespaces().Get(t.Context(), "istio-system", metav1.GetOptions{})
	if err != nil || ns.Labels["topology.istio.io/network"] != "net-1" { // istioctl labels new namespaces only
		t.Errorf("%v, labels %v", err, ns.Labels)
	}
	b.meshctl("install", "-f", writeFile(t, "istio.yaml", customOperator), "-y").wants(t, exitOK)
	b.meshctl("plan").wants(t, exitOK)
}
