package charts

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chartv2 "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
)

// maxBytes bounds what is read of a chart, packed or not. Istio's largest has
// two megabytes, most of them CRDs.
const maxBytes = 20 << 20

// folder reads a chart from a folder of a file system.
func folder(from fs.FS, root string) (*chartv2.Chart, error) {
	var files []*archive.BufferedFile
	left := int64(maxBytes)
	err := walk(from, root, func(name string, f fs.File) error {
		// The size that a file claims is none: those below /proc claim 0.
		data, err := io.ReadAll(io.LimitReader(f, left+1))
		if left -= int64(len(data)); left < 0 {
			return fmt.Errorf("the chart is larger than %d MiB", maxBytes>>20)
		}
		files = append(files, &archive.BufferedFile{Name: strings.TrimPrefix(path.Clean(strings.TrimPrefix(name, root)), "/"), Data: data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading chart %s: %w", root, err)
	}
	return parse(files)
}

// onDisk reads a chart from a folder. Links that lead out of it are refused:
// a template could print whatever they lead to.
func onDisk(dir string) (*chartv2.Chart, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	c, err := folder(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return c, nil
}

// closed refuses a folder with links that lead out of it, for readers that
// follow them all.
func closed(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return walk(root.FS(), ".", func(string, fs.File) error { return nil })
}

// walk opens the regular files below a folder, one after the other.
func walk(from fs.FS, root string, visit func(name string, f fs.File) error) error {
	return fs.WalkDir(from, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := fs.Stat(from, name)
		switch {
		case err != nil && d.Type()&fs.ModeSymlink != 0:
			return fmt.Errorf("%s is a link that leads out of the folder, or nowhere", name)
		case err != nil || !info.Mode().IsRegular():
			return err
		}
		f, err := from.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		return visit(name, f)
	})
}

// parse makes a chart of its files, of the CRDs the heads only.
func parse(files []*archive.BufferedFile) (*chartv2.Chart, error) {
	for _, f := range files {
		if f.Name == crdFile {
			f.Data = heads(f.Data)
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
