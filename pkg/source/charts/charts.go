// Package charts reads Helm charts: those that the linked Istio module brings,
// and others from a folder, a package, a web server or a registry. Network is
// used only for a place that begins with https:// or oci://.
package charts

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chartv2 "helm.sh/helm/v4/pkg/chart/v2"

	"github.com/meshctl/meshctl/pkg/facts"
)

// timeout bounds fetching one chart.
const timeout = 30 * time.Second

// Set is the charts of one Istio release.
type Set struct {
	// Root is the folder with Istio's own layout, charts/ and profiles/, from
	// which an IstioOperator can be rendered; "" where there is none.
	Root   string
	charts map[string]*chartv2.Chart
}

// Chart returns a chart by its name: base, istiod, cni, ztunnel or gateway.
func (s *Set) Chart(name string) (*chartv2.Chart, error) {
	if c := s.charts[name]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("chart %s is not among the charts given with --manifests", name)
}

// Istio is the minor that the charts are of; unknown where they do not agree
// or do not say, as in Istio's repository.
func (s *Set) Istio() facts.Minor {
	var out facts.Minor
	for _, c := range s.charts {
		m, err := facts.ParseMinor(c.Metadata.Version)
		if _, released := facts.ReleaseOf(m); err != nil || !released || out.Known() && out != m {
			return facts.Minor{}
		}
		out = m
	}
	return out
}

// Reader fetches charts. The zero value is ready to use.
type Reader struct {
	// Transport is used for https:// and oci://; nil takes the default one.
	Transport http.RoundTripper
}

// Load reads the charts in all the given places: a folder laid out as Istio's
// manifests/, a folder of charts, a chart, a package, or the address of one.
func (r Reader) Load(ctx context.Context, places []string) (*Set, error) {
	s := &Set{charts: map[string]*chartv2.Chart{}}
	for _, place := range places {
		found, err := r.load(ctx, s, place)
		if err != nil {
			return nil, fmt.Errorf("reading charts from %s: %w", shown(place), hide(place, err))
		}
		for _, c := range found {
			if s.charts[c.Metadata.Name] != nil {
				return nil, fmt.Errorf("reading charts from %s: chart %s was read before", shown(place), c.Metadata.Name)
			}
			s.charts[c.Metadata.Name] = c
		}
	}
	return s, nil
}

func (r Reader) load(ctx context.Context, s *Set, place string) ([]*chartv2.Chart, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	switch {
	case strings.HasPrefix(place, "oci://"):
		return one(r.registry(ctx, strings.TrimPrefix(place, "oci://")))
	case strings.HasPrefix(place, "https://"):
		return one(r.download(ctx, place))
	case strings.Contains(place, "://"):
		return nil, fmt.Errorf("want a folder, a package, oci:// or https://")
	}
	info, err := os.Stat(place)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return s.folders(place)
	}
	f, err := os.Open(place)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return one(unpack(f))
}

func one(c *chartv2.Chart, err error) ([]*chartv2.Chart, error) {
	if err != nil {
		return nil, err
	}
	return []*chartv2.Chart{c}, nil
}

// folders reads a folder: a chart, charts side by side, or Istio's layout.
func (s *Set) folders(dir string) ([]*chartv2.Chart, error) {
	for _, root := range []string{dir, filepath.Join(dir, "manifests")} {
		if isDir(filepath.Join(root, "charts")) && isDir(filepath.Join(root, "profiles")) {
			s.Root = root
			// Istio's own code reads this folder, and follows every link.
			if err := closed(root); err != nil {
				return nil, fmt.Errorf("reading %s: %w", root, err)
			}
			return layout(root)
		}
	}
	if exists(filepath.Join(dir, "Chart.yaml")) {
		return one(onDisk(dir))
	}
	var out []*chartv2.Chart
	inside, _ := filepath.Glob(filepath.Join(dir, "*", "Chart.yaml")) // the pattern is well formed
	deeper, _ := filepath.Glob(filepath.Join(dir, "*", "*", "Chart.yaml"))
	for _, name := range append(inside, deeper...) {
		c, err := onDisk(filepath.Dir(name))
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the folder holds no chart: neither Chart.yaml, nor folders with one, nor charts/ and profiles/ as in Istio's manifests")
	}
	return out, nil
}

// layout reads the charts that Istio keeps below manifests/charts.
func layout(root string) ([]*chartv2.Chart, error) {
	var out []*chartv2.Chart
	for _, name := range facts.Charts() {
		dir := filepath.Join(root, "charts", filepath.FromSlash(Folder(name)))
		if !exists(filepath.Join(dir, "Chart.yaml")) {
			continue
		}
		c, err := onDisk(dir)
		if err != nil {
			return nil, err
		}
		c.Metadata.Name = name // before 1.24 some had other names
		out = append(out, c)
	}
	return out, nil
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func isDir(path string) bool { info, err := os.Stat(path); return err == nil && info.IsDir() }

// unpack reads a chart's package. Helm bounds what a package may unpack to;
// what is read of the packed bytes is bounded here.
func unpack(packed io.Reader) (*chartv2.Chart, error) {
	data, err := io.ReadAll(io.LimitReader(packed, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the package: %w", err)
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("the package is larger than %d MiB", maxBytes>>20)
	}
	files, err := archive.LoadArchiveFiles(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not the package of a chart: %w", err)
	}
	return parse(files)
}
