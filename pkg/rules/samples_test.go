package rules_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meshctl/meshctl/pkg/engine"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/rules"
	"github.com/meshctl/meshctl/pkg/source/files"
)

// wholes are the samples that make a mesh of their own, as their guides have
// them applied.
func wholes() map[string][]string {
	return map[string][]string{
		"bookinfo, all of v1":        {"bookinfo/platform/kube/bookinfo.yaml", "bookinfo/networking/bookinfo-gateway.yaml", "bookinfo/networking/destination-rule-all.yaml", "bookinfo/networking/virtual-service-all-v1.yaml"},
		"bookinfo, mTLS and weights": {"bookinfo/platform/kube/bookinfo.yaml", "bookinfo/networking/bookinfo-gateway.yaml", "bookinfo/networking/destination-rule-all-mtls.yaml", "bookinfo/networking/virtual-service-reviews-90-10.yaml", "bookinfo/networking/virtual-service-ratings-test-delay.yaml"},
		"bookinfo, MySQL":            {"bookinfo/platform/kube/bookinfo.yaml", "bookinfo/platform/kube/bookinfo-mysql.yaml", "bookinfo/platform/kube/bookinfo-ratings-v2-mysql.yaml", "bookinfo/networking/destination-rule-all.yaml", "bookinfo/networking/virtual-service-ratings-mysql.yaml"},
		"bookinfo, MongoDB":          {"bookinfo/platform/kube/bookinfo.yaml", "bookinfo/platform/kube/bookinfo-db.yaml", "bookinfo/platform/kube/bookinfo-ratings-v2.yaml", "bookinfo/networking/destination-rule-all.yaml", "bookinfo/networking/virtual-service-ratings-db.yaml"},
		"bookinfo, Google Books":     {"bookinfo/platform/kube/bookinfo.yaml", "bookinfo/platform/kube/bookinfo-details-v2.yaml", "bookinfo/networking/egress-rule-google-apis.yaml", "bookinfo/networking/destination-rule-all.yaml", "bookinfo/networking/virtual-service-details-v2.yaml"},
		"bookinfo, Gateway API":      {"bookinfo/platform/kube/bookinfo.yaml", "bookinfo/platform/kube/bookinfo-versions.yaml", "bookinfo/gateway-api/bookinfo-gateway.yaml", "bookinfo/gateway-api/route-all-v1.yaml"},
		"bookinfo, Ingress":          {"bookinfo/platform/kube/bookinfo.yaml", "bookinfo/platform/kube/bookinfo-ingress.yaml"},
		"bookinfo, dual stack":       {"bookinfo/platform/kube/bookinfo-dualstack.yaml", "bookinfo/networking/bookinfo-gateway.yaml"},
		"bookinfo, rate limits":      {"bookinfo/platform/kube/bookinfo.yaml", "bookinfo/networking/bookinfo-gateway.yaml", "ratelimit/rate-limit-service.yaml", "bookinfo/policy/productpage_envoy_ratelimit.yaml"},
		"bookinfo, local rate limit": {"bookinfo/platform/kube/bookinfo.yaml", "ratelimit/local-rate-limit-service.yaml"},
		"helloworld":                 {"helloworld/helloworld.yaml", "helloworld/helloworld-gateway.yaml"},
		"helloworld, Gateway API":    {"helloworld/helloworld.yaml", "helloworld/gateway-api"},
		"httpbin":                    {"httpbin/httpbin.yaml", "httpbin/httpbin-gateway.yaml", "curl/curl.yaml", "httpbin/sample-client"},
		"httpbin, Gateway API":       {"httpbin/httpbin.yaml", "httpbin/gateway-api"},
		"tcp-echo":                   {"tcp-echo/tcp-echo-services.yaml", "tcp-echo/tcp-echo-all-v1.yaml"},
		"tcp-echo, Gateway API":      {"tcp-echo/tcp-echo-services.yaml", "tcp-echo/gateway-api/tcp-echo-20-v2.yaml", "tcp-echo/gateway-api/tcp-echo-all-v1.yaml"},
		"websockets":                 {"websockets"},
		"external":                   {"external", "sleep/sleep.yaml"},
		"extauthz":                   {"extauthz/ext-authz.yaml"},
		"grpc-echo":                  {"grpc-echo"},
		"health-check":               {"health-check/liveness-command.yaml"},
		"jwt-server":                 {"jwt-server"},
		"mtls-echo":                  {"mtls-echo"},
		"open-telemetry":             {"open-telemetry/otel.yaml", "open-telemetry/loki/otel.yaml", "open-telemetry/loki/telemetry.yaml"},
		"custom-bootstrap":           {"custom-bootstrap"},
		"spire":                      {"security/spire/spire-quickstart.yaml", "security/spire/curl-spire.yaml", "security/spire/clusterspiffeid.yaml"},
		"addons":                     {"addons"},
	}
}

// TestSamples analyzes every folder of samples that Istio ships, and those that
// make a mesh as a whole. testdata/corpus/samples.txt has each finding with the
// reason why it is right; what is not there is clean. UPDATE_GOLDEN=1 writes it
// anew and keeps the reasons.
func TestSamples(t *testing.T) {
	root := filepath.Join(istioModule(t), "samples")
	got := map[string]bool{}
	folders := sampleFolders(t, root)
	for folder, paths := range folders {
		maps.Copy(got, sampled(t, root, folder, paths, false))
	}
	for name, paths := range wholes() {
		for i := range paths {
			paths[i] = filepath.Join(root, filepath.FromSlash(paths[i]))
		}
		maps.Copy(got, sampled(t, root, name+" (whole)", paths, true))
	}
	if len(folders) < 35 {
		t.Errorf("only %d folders of samples", len(folders))
	}
	file := corpusFile(t, "samples.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		writeSamples(t, file, got, known(t, file))
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(known(t, file))), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("%s (-) and findings (+) differ:\n%s", file, diff)
	}
}

// known are the reasons of what stands in the list, in the form of sampled.
func known(t *testing.T, file string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for folder, list := range reasons(t, file) {
		for _, e := range list {
			out[folder+": "+e.finding] = e.reason
		}
	}
	return out
}

// sampleFolders are the files of each folder, without those of folders in it.
func sampleFolders(t *testing.T, root string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		out[filepath.ToSlash(folder)] = append(out[filepath.ToSlash(folder)], path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sampled are the findings as "NAME: RULE OBJECT", or with the file where there
// is no object.
func sampled(t *testing.T, root, name string, paths []string, whole bool) map[string]bool {
	t.Helper()
	snap, err := files.LoadObjects(paths, nil, "", files.Options{Whole: whole})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, f := range engine.Run(rules.All(), snap, engine.Options{Stage: rule.Analyze}).Findings {
		at := f.At.Object
		if at == "" {
			at = path.Base(filepath.ToSlash(f.At.File))
		}
		out[fmt.Sprintf("%s: %s %s", name, f.Rule, at)] = true
		if os.Getenv("SAMPLES_VERBOSE") != "" {
			t.Logf("%s: %s %s %s: %s", name, f.Severity, f.Rule, at, f.Message)
		}
	}
	return out
}

const samplesHead = `# What analyze finds in the samples that Istio 1.31 ships, each folder alone and
# those that make a mesh as a whole. What is not named here is clean. Each
# finding stands below its folder as RULE OBJECT, with the reason why it is right.
`

func writeSamples(t *testing.T, file string, got map[string]bool, reasons map[string]string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(samplesHead)
	last := ""
	for _, key := range slices.Sorted(maps.Keys(got)) {
		folder, what, _ := strings.Cut(key, ": ")
		if folder != last {
			fmt.Fprintf(&b, "\n%s\n", folder)
			last = folder
		}
		b.WriteString(strings.TrimRight("  "+what+"  "+reasons[key], " ") + "\n")
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
