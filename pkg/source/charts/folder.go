package charts

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chartv2 "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
)

// maxBytes bounds what is read of a chart, packed or not. Istio's largest has
// two megabytes, most of them CRDs.
const maxBytes = 20 << 20

// crdFile holds Istio's CRDs in chart base: a megabyte of YAML that takes ten
// times as long to render as everything else together, and that no setting
// changes.
const crdFile = "files/crd-all.gen.yaml"

// someCRD stands for them; the template insists on one object with a name.
const someCRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: left.out\n"

// folder reads a chart from a folder of a file system.
func folder(from fs.FS, root string) (*chartv2.Chart, error) {
	var files []*archive.BufferedFile
	var size int64
	err := fs.WalkDir(from, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := fs.Stat(from, name)
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		if size += info.Size(); size > maxBytes {
			return fmt.Errorf("the chart is larger than %d MiB", maxBytes>>20)
		}
		data, err := fs.ReadFile(from, name)
		files = append(files, &archive.BufferedFile{Name: strings.TrimPrefix(path.Clean(strings.TrimPrefix(name, root)), "/"), Data: data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading chart %s: %w", root, err)
	}
	return parse(files)
}

// parse makes a chart of its files, without the CRDs.
func parse(files []*archive.BufferedFile) (*chartv2.Chart, error) {
	for _, f := range files {
		if f.Name == crdFile {
			f.Data = []byte(someCRD)
		}
	}
	c, err := loader.LoadFiles(files)
	if err != nil {
		return nil, fmt.Errorf("reading a chart: %w", err)
	}
	if c.Metadata == nil || c.Metadata.Name == "" {
		return nil, fmt.Errorf("reading a chart: there is no Chart.yaml with a name")
	}
	return c, nil
}
