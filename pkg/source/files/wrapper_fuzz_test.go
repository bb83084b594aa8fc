package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/document"
)

// FuzzWrappers wants that no GitOps object makes the reader panic, and that
// every value it finds stands inside the file.
func FuzzWrappers(f *testing.F) {
	err := filepath.WalkDir("../../../testdata/gitops", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		f.Add(data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("releases:\n- {name: a, chart: istio/istiod, values: [{a: 1}, b.yaml], set: [{name: 'a[0].b', value: 1}]}\n"))
	f.Add([]byte("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: helm.cattle.io/v1, kind: HelmChart, spec: {chart: istiod, valuesContent: \"a: &x [1]\\nb: *x\\n\"}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := strings.Split(strings.TrimPrefix(string(data), "\xef\xbb\xbf"), "\n")
		if strings.ContainsAny(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r\u0085\u2028\u2029") {
			return // lines that YAML knows and editors do not
		}
		docs := document.Parse("f", data)
		finder := finder{sources: sources{}}
		finder.sources.collect(docs)
		for _, d := range docs {
			for _, c := range finder.recognise(d) {
				_, _, _, _ = c.Name(), c.Namespace(), c.MeshConfigs(), effective(c)
				for _, v := range c.Root.Leaves() {
					at := v.Location()
					if at.Line < 1 || at.Line > len(lines) || at.Column < 1 || at.Column > utf8.RuneCountInString(lines[at.Line-1])+1 {
						t.Errorf("%s stands at %s, outside of the file", v.Path(), at)
					}
				}
			}
		}
	})
}
