package rendered

import (
	"regexp"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// fields are what the fields below k8s do, by the kind and the path that an
// overlay would patch instead.
var fields = []struct {
	kind, path *regexp.Regexp
	field      string
}{
	{workload, regexp.MustCompile(`^spec\.replicas$`), "replicaCount"},
	{workload, regexp.MustCompile(`^spec\.strategy(\.|$)`), "strategy"},
	{workload, regexp.MustCompile(`^spec\.template\.metadata\.annotations(\.|$)`), "podAnnotations"},
	{workload, regexp.MustCompile(`^spec\.template\.spec\.affinity(\.|$)`), "affinity"},
	{workload, regexp.MustCompile(`^spec\.template\.spec\.nodeSelector(\.|$)`), "nodeSelector"},
	{workload, regexp.MustCompile(`^spec\.template\.spec\.tolerations$`), "tolerations"},
	{workload, regexp.MustCompile(`^spec\.template\.spec\.priorityClassName$`), "priorityClassName"},
	{workload, regexp.MustCompile(`^spec\.template\.spec\.securityContext(\.|$)`), "securityContext"},
	{workload, regexp.MustCompile(main + `resources(\.|$)`), "resources"},
	{workload, regexp.MustCompile(main + `imagePullPolicy$`), "imagePullPolicy"},
	{workload, regexp.MustCompile(main + `readinessProbe(\.|$)`), "readinessProbe"},
	{regexp.MustCompile(`^HorizontalPodAutoscaler$`), regexp.MustCompile(`^spec\.`), "hpaSpec"},
	{regexp.MustCompile(`^PodDisruptionBudget$`), regexp.MustCompile(`^spec\.`), "podDisruptionBudget"},
	{regexp.MustCompile(`^Service$`), regexp.MustCompile(`^metadata\.annotations(\.|$)`), "serviceAnnotations"},
}

var workload = regexp.MustCompile(`^(Deployment|DaemonSet)$`)

// main is the path of the container that the fields below k8s are about.
const main = `^spec\.template\.spec\.containers\.?\[name:(discovery|istio-proxy|install-cni)\]\.`

// mainObject are the names of the objects that the fields below k8s are about;
// a gateway's has the gateway's name.
var mainObject = map[string]*regexp.Regexp{
	"pilot":           regexp.MustCompile(`^istiod(-|$)`),
	"cni":             regexp.MustCompile(`^istio-cni-node$`),
	"ztunnel":         regexp.MustCompile(`^ztunnel$`),
	"ingressGateways": regexp.MustCompile(``),
	"egressGateways":  regexp.MustCompile(``),
}

// k8sField names the field below k8s that does what a patch does; "" where
// there is none, or where that is not certain.
func (c component) k8sField(target *unstructured.Unstructured, path string) string {
	name := mainObject[c.field]
	if name == nil || !name.MatchString(target.GetName()) || c.name != "" && target.GetName() != c.name {
		return ""
	}
	for _, f := range fields {
		if f.kind.MatchString(target.GetKind()) && f.path.MatchString(path) {
			return f.field
		}
	}
	return ""
}
