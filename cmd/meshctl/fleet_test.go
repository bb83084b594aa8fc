package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/meshctl/meshctl/pkg/report"
	"github.com/meshctl/meshctl/pkg/sandbox"
)

// TestSeveralClusters looks at two clusters of one mesh at once, at one that is
// down, and at one of which nothing may be read.
func TestSeveralClusters(t *testing.T) {
	east, west := simulated(t), bringUp(t, sandbox.Options{NoIstiod: true})
	east.inhabit(t, "east")
	west.inhabit(t, "west")
	config := merged(t, map[string]*box{"shop-east": east, "shop-west": west})
	look := func(args ...string) result {
		t.Helper()
		return meshctl(t, append([]string{"analyze", "--live", "--kubeconfig", config}, args...)...)
	}
	before := len(east.writes()) + len(west.writes())

	t.Run("both", func(t *testing.T) {
		rep := look("--context", "shop-*", "-o", "json").wants(t, exitOK).report(t)
		if got, want := ofRule(rep, "MC001"), []string{"shop-west Service/shop/cart", "shop-west Service/shop/orders", "shop-west Service/shop/stock", "shop-west Service/shop/web"}; !slices.Equal(got, want) {
			t.Errorf("MC001 in %q, want %q", got, want)
		}
		// What both have is found in both.
		if got, want := ofRule(rep, "SCP001"), []string{"shop-east ConfigMap/istio-system/istio", "shop-west ConfigMap/istio-system/istio"}; !slices.Equal(got, want) {
			t.Errorf("SCP001 in %q, want %q", got, want)
		}
		// Services without pods may have them in the other.
		if r := outcome(t, rep, "APP007"); r.Outcome != report.Skipped || !strings.Contains(r.Reason, "istio-remote-secret-west count too") {
			t.Errorf("APP007: %+v", r)
		}
		if r := outcome(t, rep, "MC004"); r.Outcome != report.Passed || !strings.Contains(r.Reason, "shop-east has a remote secret for shop-west") {
			t.Errorf("MC004: %+v", r)
		}
		if rep.Failure != "" || len(rep.Clusters) != 2 || rep.Clusters[0].Name != "shop-east" || rep.Target.Context != "shop-east, shop-west" {
			t.Errorf("failure %q, clusters %+v, target %+v", rep.Failure, rep.Clusters, rep.Target)
		}
		look("--context", "shop-east,shop-west", "--fail-on", "warning").wants(t, exitFindings, "shop-west: Service/shop/web spec.ports[0].name: warning: port 80 is named", "\nshop-east: 0 errors")
	})
	t.Run("unreachable and refused", func(t *testing.T) {
		got := look("--context", "gone,denied,shop-*").wants(t, exitFailed,
			"shop-west: Service/shop/web spec.ports[0].name: warning: port 80 is named", "gone: not checked: cannot reach the API server",
			"denied: not checked: nothing of the cluster could be read", "skipped because gone, denied could not be read")
		if strings.Contains(got.out, "stopped") {
			t.Errorf("the others are said to be stopped:\n%s", got.out)
		}
		rep := look("--context", "gone,shop-*", "-o", "json", "--fail-on", "warning").wants(t, exitFindings).report(t)
		if !strings.Contains(rep.Failure, "gone was not checked") || rep.Clusters[0].Summary != nil {
			t.Errorf("failure %q, clusters %+v", rep.Failure, rep.Clusters)
		}
	})
	t.Run("baseline", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "baseline.json")
		look("--context", "shop-east,gone", "--write-baseline", path, "--select", "SCP001").wants(t, exitFailed)
		rep := look("--context", "shop-*", "--baseline", path, "--select", "SCP001,SUP", "-o", "json").wants(t, exitOK).report(t)
		for _, place := range ofRule(rep, "SCP001") {
			if strings.HasPrefix(place, "shop-east") {
				t.Errorf("%s is in the baseline", place)
			}
		}
		if len(ofRule(rep, "SCP001")) == 0 || len(ofRule(rep, "SUP003")) > 0 {
			t.Errorf("findings: %+v", rep.Findings)
		}
	})
	t.Run("files", func(t *testing.T) {
		file := writeFile(t, "web.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  ports: [{name: http, port: 80, targetPort: 8080}]\n")
		look("--context", "shop-*", file).wants(t, exitOK, "resolved: shop-west: Service/shop/web: port 80 is named")
	})
	t.Run("an unrelated file", func(t *testing.T) {
		file := writeFile(t, "other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: shop}\n")
		over := look("--context", "shop-*", file, "-o", "json").wants(t, exitOK).report(t)
		if len(over.Findings) > 0 || strings.Contains(strings.Join(over.Notes, "\n"), "resolved") {
			t.Errorf("it changes something: %+v, notes %q", over.Findings, over.Notes)
		}
	})
	t.Run("files in a baseline", func(t *testing.T) {
		file := writeFile(t, "web.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: fresh, namespace: shop}\nspec:\n  selector: {app: web}\n  ports: [{name: web, port: 80, targetPort: 8080}]\n")
		baseline := filepath.Join(filepath.Dir(file), "sub", "base.json")
		if err := os.Mkdir(filepath.Dir(baseline), 0o700); err != nil {
			t.Fatal(err)
		}
		look("--context", "shop-*", file, "--write-baseline", baseline).wants(t, exitOK)
		if text, err := os.ReadFile(baseline); err != nil || !strings.Contains(string(text), `"file":"../web.yaml"`) {
			t.Errorf("%v: the baseline does not name the file:\n%s", err, text)
		}
		if rep := look("--context", "shop-*", file, "--baseline", baseline, "-o", "json").wants(t, exitOK).report(t); len(rep.Findings) > 0 || len(rep.Suppressed) == 0 {
			t.Errorf("beside the baseline there is %+v", rep.Findings)
		}
	})
	t.Run("a plugin that hangs", func(t *testing.T) {
		for _, contexts := range []string{"hangs", "hangs,shop-east"} {
			start := time.Now()
			look("--context", contexts, "--timeout", "4s").wants(t, exitFailed, "no answer in 4s")
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
		}
		look("--context", "hangs,shop-east", "--timeout", "4s").wants(t, exitFailed, "hangs: not checked: no answer in 4s", "\nshop-east: 0 errors")
	})
	t.Run("one", func(t *testing.T) {
		alone := look("--context", "shop-east", "-o", "json").wants(t, exitOK)
		if pattern := look("--context", "*-east", "-o", "json").wants(t, exitOK); pattern.out != alone.out || strings.Contains(alone.out, `"cluster"`) || strings.Contains(alone.out, "MC001") {
			t.Errorf("one cluster is reported as several:\n%s", pattern.out)
		}
		look("--context", "shop-east,again").wants(t, exitOK, "again is the same cluster as shop-east and was not looked at again")
		look("--context", "shop-east,nosuch*").wants(t, exitUsage, `nothing matches "nosuch*"; there are again, denied, gone, hangs, shop-east, shop-west`)
		look("--context", "shop-*", "--server", "https://127.0.0.1:9").wants(t, exitUsage, "--server leads to one cluster")
	})
	if now := len(east.writes()) + len(west.writes()); now != before {
		t.Errorf("analyze wrote: %q %q", east.writes(), west.writes())
	}
}

// inhabit puts the objects of a cluster of the fixtures into a sandbox.
func (b *box) inhabit(t *testing.T, name string) {
	t.Helper()
	b.put(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
	for _, file := range []string{"istio.yaml", "shop.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "rules", "MC001", "bad", name, file))
		if err != nil {
			t.Fatal(err)
		}
		b.put(t, strings.Split(string(text), "---\n")...)
	}
}

// merged is a kubeconfig with a context for each sandbox, one for the same
// server as shop-east, one that nobody answers at, and one without rights.
func merged(t *testing.T, boxes map[string]*box) string {
	t.Helper()
	out := clientcmdapi.NewConfig()
	add := func(name string, cluster clientcmdapi.Cluster, user clientcmdapi.AuthInfo) {
		out.Clusters[name], out.AuthInfos[name] = &cluster, &user
		out.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	}
	for name, b := range boxes {
		from, err := clientcmd.LoadFromFile(b.Kubeconfig())
		if err != nil {
			t.Fatal(err)
		}
		used := from.Contexts[from.CurrentContext]
		cluster, user := *from.Clusters[used.Cluster], *from.AuthInfos[used.AuthInfo]
		add(name, cluster, user)
		if name != "shop-east" {
			continue
		}
		add("again", cluster, user)
		// Another address of the same server, which only a request could tell.
		cluster.Server, user.Impersonate = strings.Replace(cluster.Server, "127.0.0.1", "localhost", 1), "nobody"
		add("denied", cluster, user)
		cluster.Server = "https://127.0.0.1:9"
		add("gone", cluster, user)
		cluster.Server = "https://127.0.0.1:10"
		add("hangs", cluster, clientcmdapi.AuthInfo{Exec: hanger(t)})
	}
	path := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*out, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// hanger is a credential plugin that never answers, as one that waits for a
// login in a browser.
func hanger(t *testing.T) *clientcmdapi.ExecConfig {
	t.Helper()
	pids := filepath.Join(t.TempDir(), "pids")
	t.Cleanup(func() {
		text, _ := os.ReadFile(pids)
		_ = os.RemoveAll(filepath.Dir(pids)) // without which none is started again
		for _, pid := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(pid); err == nil {
				_ = syscall.Kill(n, syscall.SIGKILL)
			}
		}
	})
	return &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: "sh", InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
		Args: []string{"-c", `exec 2>/dev/null; echo $$ >>"$0" && exec sleep 100`, pids},
	}
}

// ofRule says where a rule found something, in order.
func ofRule(rep *report.Report, rule string) []string {
	var out []string
	for _, f := range rep.Findings {
		if f.Rule == rule {
			out = append(out, f.At.Cluster+" "+f.At.Object)
		}
	}
	slices.Sort(out)
	return out
}
