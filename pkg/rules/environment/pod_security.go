package environment

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func podSecurity() *rule.Rule {
	return &rule.Rule{
		ID: "PRE012", Name: "pod-security", Category: "Pod security", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Rendered, snapshot.Namespaces, snapshot.ServerVersion},
		Summary: "Pod Security of a namespace refuses pods that are to run there.",
		Why:     "The workload is created and its pods are not, so that the installation waits in vain; only events of the ReplicaSet or DaemonSet say why.",
		Fix:     "Label the namespace with the level that the finding names, or install into another one.",
		Hints:   []string{"S1", "S6"},
		Run: func(p *rule.Pass) {
			judge := evaluator(p)
			homes := map[string][]*workload{}
			for _, w := range workloads(p) {
				homes[w.key.Namespace] = append(homes[w.key.Namespace], w)
			}
			enforcing := 0
			for _, ns := range p.Namespaces {
				if _, labelled := ns.Labels[api.EnforceLevelLabel]; labelled && len(homes[ns.Name]) > 0 {
					enforcing++
					admitted(p, judge, ns, homes[ns.Name])
				}
			}
			p.Lookedf("pods of %s as rendered, before injection; %s; what holds without a label only the platform tells (PLT007)",
				finding.Count(len(homes), "namespace"), counted(enforcing, "of them enforces a level", "of them enforce a level"))
		},
	}
}

// evaluator judges as an API server of the cluster's version does, for whom
// "latest" is its own.
func evaluator(p *rule.Pass) policy.Evaluator {
	var own *api.Version
	if m, err := facts.ParseMinor(p.Target.Kubernetes); err == nil {
		v := api.MajorMinorVersion(m.Major, m.Minor)
		own = &v
	}
	e, err := policy.NewEvaluator(policy.DefaultChecks(), own)
	if err != nil {
		p.Undecidedf("the levels of Pod Security: %v", err)
		return nil
	}
	return e
}

// admitted reports the workloads of a namespace whose pods its level refuses,
// with the reasons that they share.
func admitted(p *rule.Pass, judge policy.Evaluator, ns *corev1.Namespace, all []*workload) {
	// What the API server cannot read it takes for restricted and latest.
	wanted, _ := api.PolicyToEvaluate(ns.Labels, api.Policy{Enforce: api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()}})
	var refused, reasons []string
	enough := api.LevelBaseline
	for _, w := range all {
		why := forbidden(judge, wanted.Enforce, w)
		if len(why) == 0 {
			continue
		}
		refused = append(refused, w.key.Kind+" "+w.key.Name)
		for _, reason := range why {
			if !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
		if len(forbidden(judge, api.LevelVersion{Level: api.LevelBaseline, Version: wanted.Enforce.Version}, w)) > 0 {
			enough = api.LevelPrivileged
		}
	}
	if len(refused) > 0 {
		p.Reportf(snapshot.Place(ns, "metadata.labels"), "namespace enforces Pod Security %s, which refuses the pods of %s: %s; label it %s=%s",
			level(wanted.Enforce), named(refused), strings.Join(reasons, ", "), api.EnforceLevelLabel, enough)
	}
}

func level(lv api.LevelVersion) string {
	if lv.Version.Latest() {
		return string(lv.Level)
	}
	return string(lv.Level) + " of " + lv.Version.String()
}

// forbidden is why a level refuses a workload's pods; nil where it does not.
func forbidden(judge policy.Evaluator, lv api.LevelVersion, w *workload) []string {
	if judge == nil {
		return nil
	}
	return policy.AggregateCheckResults(judge.EvaluatePod(lv, &w.pod.ObjectMeta, &w.pod.Spec)).ForbiddenReasons
}
