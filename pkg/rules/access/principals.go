package access

import (
	"slices"
	"strings"
)

// principals are the names of service accounts in all trust domains, so that
// none has to be looked at for each wildcard of each policy.
type principals struct {
	forward  []string // sorted
	backward []string // with their letters from the last to the first, sorted
}

func principalsOf(accounts map[string]bool, domains []string) *principals {
	p := &principals{}
	for account := range accounts {
		namespace, name, _ := strings.Cut(account, "/")
		for _, domain := range domains {
			full := domain + "/ns/" + namespace + "/sa/" + name
			p.forward, p.backward = append(p.forward, full), append(p.backward, reversed(full))
		}
	}
	slices.Sort(p.forward)
	slices.Sort(p.backward)
	return p
}

// match says whether one is like a value with a wildcard at one end.
func (p *principals) match(v string) bool {
	if prefix, ok := strings.CutSuffix(v, "*"); ok {
		return begins(p.forward, prefix)
	}
	return begins(p.backward, reversed(strings.TrimPrefix(v, "*")))
}

// begins says whether one of a sorted list begins with a text.
func begins(sorted []string, prefix string) bool {
	i, _ := slices.BinarySearch(sorted, prefix)
	return i < len(sorted) && strings.HasPrefix(sorted[i], prefix)
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}
