package live

import (
	"cmp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func tagsLead() *rule.Rule {
	return &rule.Rule{
		ID: "POST031", Name: "tag-leads-nowhere", Category: "Webhooks", Severity: finding.Error,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.Webhooks, snapshot.ControlPlanes},
		Summary: "A revision tag stands for a revision that does not run, or the default validator asks another one than the default tag.",
		Why:     "Pods of namespaces with that tag are refused, or objects are judged by a control plane that was to be replaced.",
		Fix:     "Move the tag with `meshctl tag set`, which moves the default validator along, or remove it.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			running := runningRevisions(p)
			tags := snapshot.Tags(p.Webhooks)
			for _, t := range tags {
				tagLeads(p, t, running)
			}
			defaultValidator(p, tags, running)
			p.Lookedf("%s", finding.Count(len(tags), "revision tag"))
		},
	}
}

func runningRevisions(p *rule.Pass) map[string]bool {
	out := map[string]bool{}
	for _, d := range p.ControlPlanes {
		out[cmp.Or(d.GetLabels()["istio.io/rev"], snapshot.DefaultRevision)] = true
	}
	return out
}

// leadsNowhere says whether POST031 reports a webhook configuration: one cause
// is one error.
func leadsNowhere(p *rule.Pass, key snapshot.Key) bool {
	for _, part := range []snapshot.Part{snapshot.Webhooks, snapshot.ControlPlanes} {
		if ok, _ := p.Has(part); !ok {
			return false
		}
	}
	running, asks := runningRevisions(p), asked(p, key)
	if len(running) == 0 || asks == "" {
		return false
	}
	for _, t := range snapshot.Tags(p.Webhooks) {
		if t.At == key {
			return !running[t.Revision]
		}
	}
	return key.Name == defaultValidatorName && !running[revisionOf(asks)] && revisionOf(asks) != "remote"
}

const defaultValidatorName = "istiod-default-validator"

func tagLeads(p *rule.Pass, t snapshot.Tag, running map[string]bool) {
	asks := asked(p, t.At)
	switch {
	case asks == "" || running[t.Revision]: // by address: it runs elsewhere
	case len(running) == 0:
		p.Undecidedf("no istiod runs in this cluster; whether one elsewhere answers for tag %s cannot be seen", t.Name)
	default:
		p.Reportf(t.At, "tag %s stands for revision %s, which does not run: pods of namespaces labelled with the tag cannot be made", t.Name, t.Revision)
	}
}

// defaultValidator compares whom the validator of objects without a revision
// asks with whom the default tag does. An upgrade by Helm moves the one and
// forgets the other.
func defaultValidator(p *rule.Pass, tags []snapshot.Tag, running map[string]bool) {
	key := snapshot.Key{Group: "admissionregistration.k8s.io", Kind: "ValidatingWebhookConfiguration", Name: defaultValidatorName}
	asks := asked(p, key)
	if asks == "" {
		return
	}
	for _, t := range tags {
		if want := asked(p, t.At); t.Name == snapshot.DefaultRevision && want == asks && leadsNowhere(p, t.At) {
			return // it goes with the tag
		} else if t.Name == snapshot.DefaultRevision && want != "" && want != asks {
			p.Reportf(key, "objects without a revision are validated by Service %s, while the default tag stands for revision %s, whose Service is %s", asks, t.Revision, want)
			return
		}
	}
	if rev := revisionOf(asks); len(running) > 0 && !running[rev] && rev != "remote" {
		p.Reportf(key, "objects without a revision are validated by Service %s, whose control plane does not run", asks)
	}
}

// asked is the Service that a webhook configuration calls; "" where there is
// none, or where an address stands in its place.
func asked(p *rule.Pass, key snapshot.Key) string {
	for _, w := range p.Webhooks {
		if snapshot.KeyOf(w) != key {
			continue
		}
		for _, hook := range snapshot.AdmissionWebhooks(w) {
			name, _, _ := unstructured.NestedString(hook, "clientConfig", "service", "name")
			return name
		}
	}
	return ""
}

// revisionOf is the revision whose Service has a name.
func revisionOf(service string) string {
	if rest, named := strings.CutPrefix(service, "istiod-"); named {
		return rest
	}
	return snapshot.DefaultRevision
}
