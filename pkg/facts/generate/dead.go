package main

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
)

// readValues lists what the charts that an IstioOperator installs read.
func readValues(in fs.FS) (map[string]bool, error) {
	out := map[string]bool{}
	err := fs.WalkDir(in, "charts", func(p string, d fs.DirEntry, err error) error {
		if err != nil || path.Base(p) != "Chart.yaml" || chartNamed(path.Dir(p)) == "gateway" {
			return err
		}
		refs, err := references(in, path.Dir(p))
		for ref := range refs {
			out[ref] = true
			for chart, prefix := range map[string]string{"istiod": "pilot.", "cni": "cni."} {
				if chartNamed(path.Dir(p)) == chart {
					out[prefix+ref] = true
				}
			}
		}
		return err
	})
	return out, err
}

// unread says that no chart reads a value or something below it by name. One
// that hands on a whole map, as the globals are, reads nothing in particular.
func unread(value string, read map[string]bool) bool {
	if read[value] {
		return false
	}
	for r := range read {
		if strings.HasPrefix(r, value+".") {
			return false
		}
	}
	return true
}

const deadMinors = 1

// renewDead carries the values that no chart reads on to a minor in which
// they still exist and still nothing reads them. It finds no new ones, because
// Go code reads some values too.
func renewDead(t *table, values found, read map[string]bool, istio facts.Minor) []string {
	var log []string
	before := facts.Minor{Major: istio.Major, Minor: istio.Minor - 1}
	for _, row := range t.rows {
		minors := strings.Split(row[deadMinors], ",")
		_, exists := values[row[0]]
		_, isList := values[row[0]+"[]"]
		dead := (exists || isList) && unread(row[0], read)
		switch listed := slices.Contains(minors, istio.String()); {
		case dead && !listed && slices.Contains(minors, before.String()):
			row[deadMinors] += "," + istio.String()
			log = append(log, "~ "+row[0]+" is still read by no chart")
		case !dead && listed:
			minors = slices.DeleteFunc(minors, func(m string) bool { return m == istio.String() })
			row[deadMinors] = strings.Join(minors, ",")
			log = append(log, "~ "+row[0]+" is gone, or read by a chart")
		}
	}
	return log
}
