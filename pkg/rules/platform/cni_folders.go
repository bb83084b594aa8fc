package platform

import (
	"path"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func cniFolders() *rule.Rule {
	return &rule.Rule{
		ID: "CNI003", Name: "cni-folders", Category: "Platform", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Validate, rule.Precheck},
		Needs:   []snapshot.Part{snapshot.Configuration, snapshot.Platform},
		Summary: "cniBinDir or cniConfDir is not the folder that the platform's nodes use.",
		Why:     "The kubelet never runs the plugin, so traffic of new pods is not captured or the pods do not start.",
		Fix:     "Write the folder that the message names, or remove the setting and set global.platform.",
		Hints:   []string{"S6"},
		Run: func(p *rule.Pass) {
			p.Lookedf("the folders of CNI plugins on platform %s", p.Target.Platform)
			platform, ok := facts.PlatformOf(p.Target.Platform)
			if !ok {
				return
			}
			for _, c := range p.Configs {
				if c.ComponentEnabled("cni") {
					compare(p, c, platform)
				}
			}
		},
	}
}

// dirs are the folders that a configuration writes; nil where it leaves them
// to the chart.
type dirs struct{ bin, conf *document.Value }

func folders(c *snapshot.Config) dirs {
	v := c.Values()
	find := func(name string) *document.Value {
		for _, at := range []*document.Value{v.At("cni", name), v.Field(name)} {
			if at.Scalar() && at.Text != "" {
				return at
			}
		}
		return nil
	}
	return dirs{find("cniBinDir"), find("cniConfDir")}
}

// right says whether both folders are written and are the platform's.
func right(platform facts.PlatformFacts, d dirs) bool {
	return d.bin != nil && d.conf != nil && binRight(platform, d.bin) && same(d.conf.Text, platform.CNIConfDir)
}

func binRight(platform facts.PlatformFacts, bin *document.Value) bool {
	return same(bin.Text, platform.CNIBinDir) || platform.OtherBinDir != "" && same(bin.Text, platform.OtherBinDir)
}

func same(a, b string) bool { return path.Clean(a) == path.Clean(b) }

func compare(p *rule.Pass, c *snapshot.Config, platform facts.PlatformFacts) {
	d := folders(c)
	if d.bin != nil && !binRight(platform, d.bin) {
		wrong(p, platform, d.bin, platform.CNIBinDir)
	}
	if d.conf != nil && !same(d.conf.Text, platform.CNIConfDir) {
		wrong(p, platform, d.conf, platform.CNIConfDir)
	}
	if d.bin == nil && platform.ID == "gke" && selected(c) == "gke" && !strings.Contains(p.Target.Kubernetes, "-gke") {
		f := p.Reportf(c.Nearest(cniPath(c)...), "rendered without a cluster, cniBinDir becomes %s; set it to %s for GitOps", facts.DefaultCNIBinDir, platform.CNIBinDir)
		f.Severity = finding.Warning
	}
}

// wrong reports a folder. Where the distribution does not fix the folders, or
// lets another CNI bring its own, it is a warning.
func wrong(p *rule.Pass, platform facts.PlatformFacts, v *document.Value, want string) {
	f := p.Reportf(v, "%s is %s, but nodes of %s use %s", v.Name(), v.Text, platform.Name, want)
	if platform.Value == "" || platform.ID == "k3s" || platform.ID == "k3d" || platform.ID == "minikube" {
		f.Severity = finding.Warning
		return
	}
	f.Propose(v.Replace(want, document.String), "write %s", want)
}

func cniPath(c *snapshot.Config) []string {
	if c.IsOperator() {
		return []string{"spec", "values", "cni", "cniBinDir"}
	}
	return []string{"cniBinDir"}
}
