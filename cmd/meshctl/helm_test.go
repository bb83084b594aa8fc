package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"istio.io/istio/manifests"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/helm"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/kube"
	"github.com/meshctl/meshctl/pkg/source/charts"
)

// helm runs the real program on the sandbox.
func (b *box) helm(t *testing.T, args ...string) string {
	t.Helper()
	cmd := b.helmCommand(t, args...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("helm %q: %v\n%s%s", args, err, out.String(), stderr.String())
	}
	return out.String()
}

func (b *box) helmCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(builtBinary(t, "helm"), append(args, "--kubeconfig", b.Kubeconfig())...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	return cmd
}

// releases are what `helm list` shows, as NAME CHART STATUS REVISION.
func (b *box) releases(t *testing.T) []string {
	t.Helper()
	var list []struct {
		Name, Chart, Status, Revision string
		AppVersion                    string `json:"app_version"`
	}
	if err := json.Unmarshal([]byte(b.helm(t, "list", "-A", "--all", "-o", "json")), &list); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range list {
		if r.AppVersion != facts.EmbeddedRelease {
			t.Errorf("release %s has app version %s", r.Name, r.AppVersion)
		}
		out = append(out, strings.Join([]string{r.Name, r.Chart, r.Status, r.Revision}, " "))
	}
	slices.Sort(out)
	return out
}

// chartFolders writes the module's charts as the release publishes them.
func chartFolders(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	version, hub, tag := regexp.MustCompile(`(?m)^(version|appVersion): .*`), regexp.MustCompile(`hub: registry.istio.io/testing`), regexp.MustCompile(`tag: latest`)
	for _, chart := range facts.Charts() {
		root := "charts/" + charts.Folder(chart)
		err := fs.WalkDir(manifests.FS, root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(manifests.FS, path)
			if err != nil {
				return err
			}
			switch filepath.Base(path) {
			case "Chart.yaml":
				data = version.ReplaceAll(data, []byte("$1: "+facts.EmbeddedRelease))
			case "values.yaml":
				data = tag.ReplaceAll(hub.ReplaceAll(data, []byte("hub: "+facts.ReleaseHub)), []byte("tag: "+facts.EmbeddedRelease))
			}
			to := filepath.Join(dir, chart, strings.TrimPrefix(path, root))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			return os.WriteFile(to, data, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mesh is the values of four charts, in an order that is not theirs.
type mesh struct{ base, istiod, istiod2, cni, gateway string }

func writeMesh(t *testing.T) mesh {
	return mesh{
		base:    writeFile(t, "values-base.yaml", "defaultRevision: default\n"),
		istiod:  writeFile(t, "values-istiod.yaml", "meshConfig:\n  accessLogFile: /dev/stdout\npilot:\n  autoscaleMin: 1\n"),
		istiod2: writeFile(t, "values-istiod.yaml", "meshConfig:\n  accessLogFile: /dev/stdout\npilot:\n  autoscaleMin: 2\n"),
		cni:     writeFile(t, "istio-cni.yaml", "resources: {requests: {cpu: 50m}}\n"),
		gateway: writeFile(t, "istio-gateway.yaml", "name: istio-ingress\nlabels: {istio: ingress}\n"),
	}
}

func (m mesh) all() []string {
	return []string{"-f", m.gateway, "-f", m.istiod, "-f", m.cni, "-f", m.base}
}

// TestHelmReleases installs the values of charts as releases, and wants helm
// and meshctl to go on from one another's work.
func TestHelmReleases(t *testing.T) {
	b, m := startSandbox(t), writeMesh(t)
	t.Run("nothing is applied", func(t *testing.T) { b.helmNothing(t, m) })
	t.Run("first installation put back", func(t *testing.T) { b.helmUndone(t, m) })
	t.Run("install", func(t *testing.T) { b.helmInstall(t, m) })
	t.Run("helm continues", func(t *testing.T) { b.helmContinues(t, m) })
	t.Run("upgrade put back", func(t *testing.T) { b.helmUpgradeUndone(t, m) })
	t.Run("killed", func(t *testing.T) { b.helmKilled(t, m) })
	t.Run("another release", func(t *testing.T) { b.helmOwners(t, m) })
	t.Run("uninstall and helm install", func(t *testing.T) { b.helmFirst(t, m) })
	t.Run("ambient", b.helmAmbient)
	t.Run("taken over by an IstioOperator", b.helmTakenOver)
}

func (b *box) helmNothing(t *testing.T, m mesh) {
	b.meshctl("precheck", "-f", m.istiod).wants(t, exitFindings, "HELM001", "install chart base before chart istiod")
	b.meshctl("install", "-y", "-f", m.istiod).wants(t, exitFindings, "HELM001", "nothing was applied")
	r := b.meshctl(append([]string{"plan"}, m.all()...)...).wants(t, exitFindings, "+ Namespace/istio-system", "0 to change, 0 to delete")
	var at []int
	for _, name := range []string{"istio-base", "istio-cni", "istiod", "istio-ingress"} {
		at = append(at, strings.Index(r.out, "+ Release/istio-system/"+name+"\n"))
	}
	if !slices.IsSorted(at) || at[0] < 0 {
		t.Errorf("releases are not in order:\n%s", r.out)
	}
	wrapped := writeFile(t, "flux.yaml", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod, namespace: istio-system}\nspec:\n  chart: {spec: {chart: istiod, sourceRef: {kind: HelmRepository, name: istio}}}\n  values: {pilot: {autoscaleMin: 2}}\n")
	b.meshctl("install", "-y", "-f", wrapped).wants(t, exitUsage, "is installed by its own tool")
	b.meshctl("install", "-y", "-f", m.base, "-f", m.istiod, "--set", "pilot.autoscaleMin=3").wants(t, exitUsage, "write the value into the file of its chart")
	b.meshctl("install", "-y", "-f", m.base, "-f", m.istiod, "--release", "mesh").wants(t, exitUsage, "give the values of one chart")
	unnamed := writeFile(t, "istio-gateway.yaml", "labels: {istio: ingress}\n")
	b.meshctl("plan", "-f", unnamed).wants(t, exitUsage, "--release NAME")
	if w := b.writes(); len(w) > 0 {
		t.Errorf("precheck and plan wrote: %q", w)
	}
}

func (b *box) helmInstall(t *testing.T, m mesh) {
	r := b.meshctl(append([]string{"install", "-y"}, m.all()...)...).wants(t, exitOK, "ready: release istio-system/istiod", "Istio 1.31.0, Helm releases istio-system/istio-base, ", ": installed and verified in ", "Next: `kubectl label namespace NAME istio-injection=enabled`")
	if strings.Index(r.stderr, "ready: release istio-system/istiod") > strings.Index(r.stderr, "applying release istio-system/istio-ingress") {
		t.Errorf("the gateway did not wait for istiod:\n%s", r.stderr)
	}
	want := []string{"istio-base base-1.31.0 deployed 1", "istio-cni cni-1.31.0 deployed 1", "istio-ingress gateway-1.31.0 deployed 1", "istiod istiod-1.31.0 deployed 1"}
	if got := b.releases(t); !slices.Equal(got, want) {
		t.Errorf("helm lists %q, want %q", got, want)
	}
	if got := b.helm(t, "get", "values", "istiod", "-n", "istio-system", "-o", "json"); strings.TrimSpace(got) != `{"meshConfig":{"accessLogFile":"/dev/stdout"},"pilot":{"autoscaleMin":1}}` {
		t.Errorf("helm get values: %s", got)
	}
	before := len(b.writes())
	b.meshctl(append([]string{"plan"}, m.all()...)...).wants(t, exitOK, "0 to create, 0 to change, 0 to delete")
	b.meshctl(append([]string{"verify", "--fail-on", "warning"}, m.all()...)...).wants(t, exitOK)
	if w := b.writes()[before:]; len(w) > 0 {
		t.Errorf("plan and verify wrote: %q", w)
	}
	b.meshctl(append([]string{"install", "-y"}, m.all()...)...).wants(t, exitOK, "nothing to apply")
	if got := b.releases(t); !slices.Equal(got, want) {
		t.Errorf("an install without changes made revisions: %q", got)
	}
}

func (b *box) helmContinues(t *testing.T, m mesh) {
	chart := filepath.Join(chartFolders(t), "istiod")
	bundles := b.webhooks(t)
	b.helm(t, "upgrade", "istiod", chart, "-n", "istio-system", "-f", m.istiod2, "--wait")
	b.meshctl("plan", "-f", m.istiod2).wants(t, exitOK)
	b.meshctl("verify", "--wait", "--timeout", "30s", "-f", m.istiod2).wants(t, exitOK) // the autoscaler asks for a second pod
	b.meshctl("plan", "-f", m.istiod).wants(t, exitFindings, "spec.minReplicas: 2 → 1", "values.pilot.autoscaleMin: 2 → 1", "data.original-values: pilot.autoscaleMin: 2 → 1", "- PodDisruptionBudget/istio-system/istiod", "revision: 2 → 3")
	b.meshctl("install", "-y", "-f", m.istiod).wants(t, exitOK)
	if got := b.releases(t); !slices.Contains(got, "istiod istiod-1.31.0 deployed 3") {
		t.Errorf("after an upgrade by meshctl helm lists %q", got)
	}
	if after := b.webhooks(t); !maps.Equal(bundles, after) || len(after) == 0 {
		t.Errorf("upgrades changed what istiod has written to its webhooks: %v, then %v", bundles, after)
	}
}

// webhooks are what istiod writes to its validating webhooks.
func (b *box) webhooks(t *testing.T) map[string]string {
	t.Helper()
	list, err := b.client().AdmissionregistrationV1().ValidatingWebhookConfigurations().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range list.Items {
		for _, w := range c.Webhooks {
			out[c.Name] = fmt.Sprintf("%s %x", *w.FailurePolicy, w.ClientConfig.CABundle)
		}
	}
	return out
}

// tooBig wants more CPU than any node has.
const tooBig = "meshConfig:\n  accessLogFile: /dev/stderr\npilot:\n  autoscaleMin: 1\n  resources: {requests: {cpu: 400000m}}\n"

// helmAtomic carries values out with --atomic, and wants it to fail.
func (b *box) helmAtomic(t *testing.T, values ...string) {
	t.Helper()
	args := []string{"install", "-y", "--force", "--atomic", "--timeout", "6s"}
	for _, v := range values {
		args = append(args, "-f", v)
	}
	b.meshctl(args...).wants(t, exitFindings, "Insufficient cpu", "everything was put back as it was before")
	b.meshctl(append(args, "--take-ownership")...).wants(t, exitUsage, "--atomic cannot give back")
}

func (b *box) helmUndone(t *testing.T, m mesh) {
	before := b.lastingState(t)
	b.helmAtomic(t, m.base, writeFile(t, "values-istiod.yaml", tooBig))
	sameState(t, before, b.lastingState(t))
}

func (b *box) helmUpgradeUndone(t *testing.T, m mesh) {
	before := b.lastingState(t)
	b.helmAtomic(t, writeFile(t, "values-istiod.yaml", tooBig))
	sameState(t, before, b.lastingState(t))
	b.meshctl("plan", "-f", m.istiod).wants(t, exitOK)
	if got := b.releases(t); !slices.Contains(got, "istiod istiod-1.31.0 deployed 5") {
		t.Errorf("after putting an upgrade back helm lists %q", got)
	}
}

// helmKilled kills installs in the middle of a release, and wants the next one
// to go on where it was ours, and to leave it alone where it was not.
func (b *box) helmKilled(t *testing.T, m mesh) {
	big := writeFile(t, "values-istiod.yaml", tooBig)
	b.killWhen(t, "pending-upgrade", exec.Command(builtBinary(t, "meshctl"), "install", "-y", "--force", "-f", big, "--kubeconfig", b.Kubeconfig()))
	b.meshctl("install", "-y", "-f", m.istiod).wants(t, exitOK, "was interrupted (pending-upgrade) and is marked failed")
	b.meshctl("plan", "-f", m.istiod).wants(t, exitOK)

	b.killWhen(t, "pending-upgrade", b.helmCommand(t, "upgrade", "istiod", filepath.Join(chartFolders(t), "istiod"), "-n", "istio-system", "-f", big, "--wait"))
	b.meshctl("install", "-y", "-f", m.istiod).wants(t, exitFindings, "release istio-system/istiod is pending-upgrade: helm is at work on it or was interrupted", "helm rollback istiod -n istio-system")
	b.helm(t, "rollback", "istiod", "-n", "istio-system", "--wait")
	b.meshctl("plan", "-f", m.istiod).wants(t, exitOK)
}

// killWhen starts a program and kills it once the release of istiod has a status.
func (b *box) killWhen(t *testing.T, status string, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }() // it was killed
	defer func() { _ = cmd.Process.Kill() }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w, err := b.client().CoreV1().Secrets("istio-system").Watch(ctx, metav1.ListOptions{LabelSelector: "owner=helm,name=istiod,status=" + status})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if _, ok := <-w.ResultChan(); !ok {
		t.Fatalf("no release became %s", status)
	}
}

func (b *box) helmOwners(t *testing.T, m mesh) {
	b.helm(t, "uninstall", "istio-cni", "-n", "istio-system")
	b.helm(t, "install", "other-cni", filepath.Join(chartFolders(t), "cni"), "-n", "istio-system", "-f", m.cni, "--wait")
	b.meshctl("plan", "-f", m.cni).wants(t, exitOK)
	b.meshctl("verify", "-f", m.cni).wants(t, exitOK)
	b.meshctl("install", "-y", "-f", m.cni, "--release", "istio-cni").wants(t, exitFindings, "belong to Helm release istio-system/other-cni", "--take-ownership")
	b.meshctl("install", "-y", "-f", m.cni, "--release", "istio-cni", "--take-ownership").wants(t, exitOK)
}

// helmFirst removes everything, lets helm install, and wants meshctl to find
// nothing to do.
func (b *box) helmFirst(t *testing.T, m mesh) {
	flags := kube.NewFlags()
	flags.UseKubeconfig(b.Kubeconfig())
	client, err := flags.Connect()
	if err != nil {
		t.Fatal(err)
	}
	c := helm.New(client)
	found, err := c.Releases(t.Context(), "")
	if err != nil || len(found) != 5 {
		t.Fatalf("%d releases, %v", len(found), err)
	}
	if err := c.Uninstall(t.Context(), found, install.Options{}); err != nil {
		t.Fatal(err)
	}
	if left := b.releases(t); len(left) > 0 {
		t.Errorf("after uninstalling helm lists %q", left)
	}
	if crds := b.lastingState(t).of("CustomResourceDefinition"); crds == 0 {
		t.Error("uninstalling removed the CRDs, and with them everybody's configuration")
	}
	// The CRDs still carry Helm's marks, which nobody minds.
	b.meshctl("precheck", "--select", "PRE009,PRE032,PRE041").wants(t, exitOK, "3 checks passed")
	b.meshctl("plan", "-f", writeFile(t, "istio.yaml", operator)).wants(t, exitFindings, "meta.helm.sh/release-name: istio-base → (none)")
	dir := chartFolders(t)
	b.helm(t, "install", "istio-base", filepath.Join(dir, "base"), "-n", "istio-system", "-f", m.base)
	b.helm(t, "install", "mesh", filepath.Join(dir, "istiod"), "-n", "istio-system", "-f", m.istiod, "--wait")
	b.helm(t, "install", "istio-ingress", filepath.Join(dir, "gateway"), "-n", "istio-system", "--set", "labels.istio=ingress,service.type=ClusterIP", "--wait") // helm waits for load balancers
	unnamed := writeFile(t, "istio-gateway.yaml", "labels: {istio: ingress}\nservice: {type: ClusterIP}\n")
	files := []string{"-f", m.base, "-f", m.istiod, "-f", unnamed}
	b.meshctl(append([]string{"plan"}, files...)...).wants(t, exitOK, "0 to create, 0 to change, 0 to delete")
	b.meshctl(append([]string{"verify", "--fail-on", "warning"}, files...)...).wants(t, exitOK)
	b.meshctl("plan", "--set", "values.pilot.autoscaleMin=2").wants(t, exitFindings, "this is about an IstioOperator, and Helm installed Istio here: release istio-system/mesh; -f takes its values")
	b.meshctl("uninstall", "--dry-run").wants(t, exitOK, "- release istio-system/istio-ingress (chart gateway", "- Deployment: istio-system/istio-ingress, istio-system/istiod\n",
		"! Deployment/istio-system/istio-ingress is a gateway: what comes in through it is cut off", "= 15 CRDs stay, with all mesh objects", "3 releases with 25 objects to uninstall.")
	found, err = c.Releases(t.Context(), "")
	if err != nil || len(found) != 3 || found[1].String() != "istio-system/mesh" || found[1].Version != facts.EmbeddedRelease || found[1].Config.Root.Str("meshConfig", "accessLogFile") != "/dev/stdout" {
		t.Errorf("%+v, %v", found, err)
	}
}

// helmAmbient takes the releases that helm made to ambient mode: the node
// agents become releases, in order, and helm continues from them.
func (b *box) helmAmbient(t *testing.T) {
	istiod := writeFile(t, "values-istiod.yaml", "profile: ambient\nmeshConfig:\n  accessLogFile: /dev/stdout\npilot:\n  autoscaleMin: 1\n")
	cni := writeFile(t, "istio-cni.yaml", "profile: ambient\n")
	ztunnel := writeFile(t, "ztunnel.yaml", "logLevel: debug\n")
	gateway := writeFile(t, "istio-gateway.yaml", "name: istio-ingress\nlabels: {istio: ingress}\nservice: {type: ClusterIP}\n")
	files := []string{"-f", ztunnel, "-f", gateway, "-f", cni, "-f", istiod}
	r := b.meshctl(append([]string{"install", "-y"}, files...)...).wants(t, exitOK, "ready: release istio-system/ztunnel")
	var at []int
	for _, name := range []string{"istio-cni", "mesh", "ztunnel"} {
		at = append(at, strings.Index(r.stderr, "applying release istio-system/"+name+"\n"))
	}
	if !slices.IsSorted(at) || at[0] < 0 {
		t.Errorf("releases are not in order %v:\n%s", at, r.stderr)
	}
	b.helm(t, "upgrade", "ztunnel", filepath.Join(chartFolders(t), "ztunnel"), "-n", "istio-system", "--reuse-values", "--set", "terminationGracePeriodSeconds=45", "--wait")
	want := []string{"istio-base base-1.31.0 deployed 1", "istio-cni cni-1.31.0 deployed 1", "istio-ingress gateway-1.31.0 deployed 2", "mesh istiod-1.31.0 deployed 2", "ztunnel ztunnel-1.31.0 deployed 2"}
	if got := b.releases(t); !slices.Equal(got, want) {
		t.Errorf("helm lists %q, want %q", got, want)
	}
	b.meshctl("plan", "-f", ztunnel).wants(t, exitFindings, "terminationGracePeriodSeconds: 45 → 30")
	b.meshctl("verify").wants(t, exitOK, "POST017 agents-on-every-node", "ztunnel")
}

// helmTakenOver wants objects that are taken over from releases to be asked
// about once.
func (b *box) helmTakenOver(t *testing.T) {
	base := writeFile(t, "istio.yaml", operator+"spec: {profile: empty, components: {base: {enabled: true}}}\n")
	b.meshctl("install", "-f", base, "-y").wants(t, exitFindings, "belong to Helm release istio-system/istio-base", "nothing was applied")
	p := b.startProxy(t)
	p.inject(answer(http.StatusUnprocessableEntity, ""), func(r *http.Request) bool {
		return isWrite(r) && r.Header.Get("Content-Type") == "application/merge-patch+json" && strings.Contains(r.URL.Path, "/customresourcedefinitions/")
	}, all)
	p.meshctl("install", "-f", base, "-y", "--take-ownership").wants(t, exitFindings, "1 of 16 objects that differ were applied and stay so") // with Helm's marks
	b.meshctl("install", "-f", base, "-y", "--take-ownership").wants(t, exitOK)
	b.meshctl("precheck", "-f", base, "--select", "PRE009,PRE032,PRE041").wants(t, exitOK, "3 checks passed")
	b.meshctl("plan", "-f", base).wants(t, exitOK, "0 to create, 0 to change, 0 to delete")
}
