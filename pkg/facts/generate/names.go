package main

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/meshctl/meshctl/pkg/facts"
)

// name is a bundled profile, platform or compatibilityVersion of a chart.
type name struct{ chart, kind, name string }

// bundled lists the names that the module's charts and istioctl know, and
// what each compatibilityVersion sets.
func bundled(in fs.FS) (names []name, sets [][2]string, err error) {
	profiles, err := fs.Glob(in, "profiles/*.yaml")
	if err != nil {
		return nil, nil, err
	}
	for _, p := range profiles {
		names = append(names, name{"istioctl", string(facts.Profile), strings.TrimSuffix(path.Base(p), ".yaml")})
	}
	err = fs.WalkDir(in, "charts", func(p string, _ fs.DirEntry, err error) error {
		rest, isProfile := strings.CutPrefix(path.Base(p), "profile-")
		if err != nil || !isProfile || path.Ext(p) != ".yaml" {
			return err
		}
		n := name{chartNamed(path.Dir(path.Dir(p))), string(facts.Profile), strings.TrimSuffix(rest, ".yaml")}
		for prefix, kind := range map[string]facts.NameKind{"compatibility-version-": facts.CompatibilityVersion, "platform-": facts.Platform} {
			if short, ok := strings.CutPrefix(n.name, prefix); ok {
				n.kind, n.name = string(kind), short
			}
		}
		names = append(names, n)
		if n.kind != string(facts.CompatibilityVersion) {
			return nil
		}
		data, err := fs.ReadFile(in, p)
		if err != nil {
			return err
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(data, &doc); err != nil {
			return fmt.Errorf("parsing %s: %w", p, err)
		}
		for _, key := range leaves(doc.Content[0], "") {
			sets = append(sets, [2]string{n.name, key})
		}
		return nil
	})
	return names, sets, err
}

// chartNamed is the name of the chart in a folder.
func chartNamed(dir string) string {
	for name, d := range chartDirs() {
		if d == dir {
			return name
		}
	}
	return path.Base(dir)
}

func leaves(m *yaml.Node, prefix string) []string {
	var out []string
	for i := 0; i+1 < len(m.Content); i += 2 {
		p := prefix + m.Content[i].Value
		if v := m.Content[i+1]; v.Kind == yaml.MappingNode {
			out = append(out, leaves(v, p+".")...)
		} else {
			out = append(out, p)
		}
	}
	return out
}

// The columns of values-profiles.tsv.
const (
	nameRange   = 3
	nameLastTag = 5
)

// renewNames extends the range of every name that is still there, and ends it
// before the minor for one that is not.
func renewNames(t *table, names []name, istio facts.Minor) []string {
	var log []string
	before := facts.Minor{Major: istio.Major, Minor: istio.Minor - 1}
	left := map[name]bool{}
	for _, n := range names {
		left[n] = true
	}
	t.rows = slices.DeleteFunc(t.rows, func(row []string) bool {
		n := name{row[0], row[1], row[2]}
		first, last, ranged := strings.Cut(row[nameRange], "-")
		if !ranged {
			last = first
		}
		switch {
		case left[n] && last == before.String():
			row[nameRange], row[nameLastTag] = first+"-"+istio.String(), istio.String()+".0"
			log = append(log, fmt.Sprintf("~ %s %s %s lives in %s", row[0], row[1], row[2], istio))
		case !left[n] && last == istio.String() && first == last:
			log = append(log, fmt.Sprintf("- %s %s %s", row[0], row[1], row[2]))
			return true
		case !left[n] && last == istio.String():
			row[nameRange] = strings.TrimSuffix(first+"-"+before.String(), "-"+first)
			log = append(log, fmt.Sprintf("- %s %s %s", row[0], row[1], row[2]))
		case last != istio.String():
			return false // of an older range
		}
		delete(left, n)
		return false
	})
	for n := range left {
		tag := istio.String() + ".0"
		t.add(0, []string{n.chart, n.kind, n.name, istio.String(), tag, tag})
		log = append(log, fmt.Sprintf("+ %s %s %s", n.chart, n.kind, n.name))
	}
	return log
}

// renewCompat replaces what the minor's compatibilityVersions set.
func renewCompat(t *table, sets [][2]string, istio facts.Minor) []string {
	var log []string
	want := map[[2]string]bool{}
	for _, s := range sets {
		want[s] = true
	}
	t.rows = slices.DeleteFunc(t.rows, func(row []string) bool {
		key := [2]string{row[1], row[2]}
		if row[0] != istio.String() {
			return false
		}
		if !want[key] {
			log = append(log, "- compatibilityVersion "+row[1]+" "+row[2])
			return true
		}
		delete(want, key)
		return false
	})
	for key := range want {
		t.add(0, []string{istio.String(), key[0], key[1]})
		log = append(log, "+ compatibilityVersion "+key[0]+" "+key[1])
	}
	return log
}
