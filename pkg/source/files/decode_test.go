package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// TestDecoder reads every object of the fixtures, and finds in it what decode
// does.
func TestDecoder(t *testing.T) {
	kinds, objects, quick := snapshot.KindsByName(), 0, 0
	err := filepath.WalkDir("../../../testdata/rules", func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, r := range document.ParseRaws(document.Split(text)) {
			b := &batch{collector: &collector{kinds: kinds}}
			if r.IsZero() {
				continue
			}
			k, ok := b.kind(header{r.Str("apiVersion"), r.Str("kind")})
			if !ok {
				continue
			}
			var want, got snapshot.Objects
			usual, wantErr := k.Add(&want, func(into any) error { return decode(r.AppendJSON(nil), into) })
			ours, gotErr := k.Add(&got, func(into any) error {
				if b.decoder.quickly(r, into) {
					quick++
				}
				return b.decoder.object(r, into)
			})
			if (wantErr == nil) != (gotErr == nil) {
				t.Errorf("%s: got error %v, want %v", path, gotErr, wantErr)
			}
			if diff := cmp.Diff(usual, ours, protocmp.Transform()); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
			objects++
		}
		return nil
	})
	if err != nil || objects < 1000 || quick < objects/2 {
		t.Errorf("got %d objects, %d of them the quick way, and error %v, want more", objects, quick, err)
	}
}
