package platform

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// together says whether two configurations are meant for one cluster. Nothing
// in the values tells, so it goes by what people keep apart: the cluster that
// the object names, the folder, and words such as prod and dev in names. A
// name without such a word goes with all others.
func together(a, b *snapshot.Config) bool {
	x, y := placeOf(a), placeOf(b)
	return x.cluster == y.cluster && x.folder == y.folder && (within(x.words, y.words) || within(y.words, x.words))
}

// place is where a configuration stands, without the words that only tell
// what it installs: clusters/a/istiod and clusters/a/cni are one place.
type place struct {
	cluster, folder string
	words           []string
}

func placeOf(c *snapshot.Config) place {
	dir, base := filepath.Split(filepath.ToSlash(c.Root.Location().File))
	p := place{folder: folderOf(dir), words: telling(strings.TrimSuffix(base, filepath.Ext(base)))}
	if w := c.Wrapper; w != nil {
		p.cluster = w.Cluster
		p.words = slices.Concat(p.words, telling(w.Name), telling(w.Namespace))
	}
	return p
}

// folderOf leaves out what only tells what is installed. Below a folder
// called charts stand charts, not what is installed: those are not compared.
func folderOf(dir string) string {
	names := strings.Split(dir, "/")
	if slices.Contains(names, "charts") {
		return dir
	}
	var out []string
	for _, name := range names {
		if words := telling(name); len(words) > 0 || name == "" {
			out = append(out, strings.Join(words, "-"))
		}
	}
	return strings.Join(out, "/")
}

// telling are the words of a name that may tell one cluster from another. A
// number in front only orders files.
func telling(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("-_. {}", r) })
	if len(words) > 1 && strings.Trim(words[0], "0123456789") == "" {
		words = words[1:]
	}
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(silent(), w) })
}

// silent are words that name what is installed, or how, but not where.
func silent() []string {
	return []string{
		"istio", "istiod", "discovery", "pilot", "control", "plane", "controlplane", "cni", "node", "agent", "plugin",
		"mesh", "service", "servicemesh", "system", "kube", "operator",
		"values", "value", "chart", "helm", "release", "hr", "helmrelease", "helmchart", "flux", "argo", "argocd", "gitops", "openshift",
		"app", "application", "appset", "applicationset", "config", "default", "install", "main", "sample",
	}
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(w string) bool { return !slices.Contains(all, w) })
}
