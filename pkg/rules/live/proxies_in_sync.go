package live

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func proxiesInSync() *rule.Rule {
	return &rule.Rule{
		ID: "POST012", Name: "proxies-in-sync", Category: "Proxies", Severity: finding.Warning,
		Stages:  []rule.Stage{rule.Verify},
		Needs:   []snapshot.Part{snapshot.ProxyStates},
		Summary: "A proxy refused the configuration that istiod sent, or has not taken it for more than a minute.",
		Why:     "It goes on with what it had: new routes, certificates and policies do not reach it.",
		Fix:     "For a refusal read the error and look for the EnvoyFilter or setting behind it; for silence look at the proxy's log, CPU and memory.",
		Hints:   []string{"S1"},
		Run: func(p *rule.Pass) {
			looked := 0
			refusals, silent := map[string][]string{}, map[string][]string{}
			for _, told := range p.ProxyStates {
				if told.Unknown != "" {
					p.Undecidedf("istiod's pod %s: %s", told.Pod.Name, told.Unknown)
				}
				for _, state := range told.Value {
					looked++
					judgeProxy(p, state, refusals, silent)
				}
			}
			for text, ids := range refusals {
				p.Reportf(proxyPlace(ids), "%s refused what istiod sent: %s; %s", proxies(len(ids)), sorted(ids), text).Severity = finding.Error
			}
			for kind, ids := range silent {
				p.Reportf(proxyPlace(ids), "%s did not take the %s that istiod sent more than a minute ago: %s", proxies(len(ids)), kind, sorted(ids))
			}
			p.Lookedf("%s connected and in sync", proxies(looked))
		},
	}
}

// ackLimit is how long a proxy may take to acknowledge.
const ackLimit = time.Minute

func judgeProxy(p *rule.Pass, state snapshot.ProxyState, refusals, silent map[string][]string) {
	for _, r := range state.Resources {
		switch {
		case !strings.HasPrefix(r.Type, "type.googleapis.com/"): // a question of a tool, which nobody acknowledges
		case r.Error != "":
			text := kindOf(r.Type) + ": " + oneLine(r.Error)
			refusals[text] = append(refusals[text], state.ID)
		case r.Sent != "" && r.Sent != r.Acked && !r.SentAt.IsZero() && p.Now.Sub(r.SentAt) > ackLimit:
			silent[kindOf(r.Type)] = append(silent[kindOf(r.Type)], state.ID)
		}
	}
}

// proxyPlace is the place of the first proxy, whose ID is POD.NAMESPACE.
func proxyPlace(ids []string) finding.Location {
	id := slices.Min(ids)
	if i := strings.LastIndex(id, "."); i > 0 {
		return finding.Location{Object: "Pod/" + id[i+1:] + "/" + id[:i]}
	}
	return finding.Location{Object: "Pod/" + id}
}

// kindOf is the last word of a type's URL, in the words of its users.
func kindOf(url string) string {
	word := url[strings.LastIndexAny(url, "./")+1:]
	return cmp.Or(map[string]string{
		"Cluster": "clusters", "Listener": "listeners", "RouteConfiguration": "routes",
		"ClusterLoadAssignment": "endpoints", "Secret": "secrets", "TypedExtensionConfig": "extensions",
	}[word], word)
}
