package rendered

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chartv2 "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"

	"istio.io/istio/manifests"
)

// crdFile holds Istio's CRDs in chart base: a megabyte of YAML that takes ten
// times as long to render as everything else together, and that no setting
// changes.
const crdFile = "files/crd-all.gen.yaml"

// someCRD stands for them where they are not wanted; the template insists on
// one object with a name.
const someCRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: left.out\n"

// parsed are the bundled charts that were loaded, by folder.
var parsed sync.Map

// bundledChart returns a chart of the linked Istio module, parsed once a
// process, without the CRDs.
func bundledChart(folder string) (*chartv2.Chart, error) {
	if c, ok := parsed.Load(folder); ok {
		return c.(*chartv2.Chart), nil
	}
	c, err := loadChart(manifests.FS, "charts/"+folder)
	if err != nil {
		return nil, err
	}
	known, _ := parsed.LoadOrStore(folder, c)
	return known.(*chartv2.Chart), nil
}

// loadChart reads a chart from a folder of a file system.
func loadChart(from fs.FS, folder string) (*chartv2.Chart, error) {
	var files []*archive.BufferedFile
	err := fs.WalkDir(from, folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, path)
		name := strings.TrimPrefix(path, folder+"/")
		if name == crdFile {
			data = []byte(someCRD)
		}
		files = append(files, &archive.BufferedFile{Name: name, Data: data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading chart %s: %w", folder, err)
	}
	c, err := loader.LoadFiles(files)
	if err != nil {
		return nil, fmt.Errorf("reading chart %s: %w", folder, err)
	}
	return c, nil
}
