// Package files reads configurations from paths, folders and standard input
// into a snapshot, and merges them as an installation would.
package files

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
)

// stdinName stands for standard input, on the command line and in findings.
const stdinName = "-"

// helmfileTemplate ends the names of files that helmfile renders before it
// reads them.
const helmfileTemplate = ".gotmpl"

// input is one file to be read. Files found in a folder may be of any kind;
// one that the user named is expected to be an Istio installation.
type input struct {
	path  string
	named bool
}

// expand turns the arguments into files. Folders are walked; hidden folders
// and files are left out, and of Helm charts the templates, which are no YAML
// yet, and what those read.
func (o Options) expand(paths []string) ([]input, error) {
	var out []input
	for _, p := range paths {
		if p == stdinName {
			out = append(out, input{p, true})
			continue
		}
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", p, cause(err))
		}
		if !info.IsDir() {
			out = append(out, input{p, true})
			continue
		}
		found, err := o.walk(p)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("reading %s: the folder holds no %s file", p, o.endings())
		}
		out = append(out, found...)
	}
	return unique(out), nil
}

// unique drops a file that was named twice, so that nothing is reported twice.
func unique(in []input) []input {
	seen := make(map[string]bool, len(in))
	var out []input
	for _, i := range in {
		if path := filepath.Clean(i.path); !seen[path] {
			seen[path] = true
			out = append(out, i)
		}
	}
	return out
}

func (o Options) walk(root string) ([]input, error) {
	// With the separator WalkDir enters a folder that is named by a symbolic
	// link; the paths below come out clean all the same.
	root += string(filepath.Separator)
	var out []input
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, cause(err))
		}
		if d.IsDir() {
			if path != root && skipped(path, d.Name()) {
				return filepath.SkipDir
			}
			return o.interrupted()
		}
		if !isYAML(path) && !(o.objects && isJSON(path)) || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		regular, err := isRegular(path, d)
		if regular {
			out = append(out, input{path, false})
		}
		return err
	})
	return out, err
}

// isYAML says whether a file of a folder is one to be read, by its name.
func isYAML(path string) bool {
	ext := filepath.Ext(strings.TrimSuffix(path, helmfileTemplate))
	return ext == ".yaml" || ext == ".yml"
}

// isJSON says whether a file of a folder may hold an object as kubectl writes it
// with -o json.
func isJSON(path string) bool { return filepath.Ext(path) == ".json" }

// endings names the files of a folder that are read.
func (o Options) endings() string {
	if o.objects {
		return ".yaml, .yml or .json"
	}
	return ".yaml or .yml"
}

// foreign says that a file of a folder is one of the many in JSON that have
// nothing to do with Kubernetes.
func (in input) foreign(text []byte) bool {
	return !in.named && isJSON(in.path) && (!bytes.Contains(text, []byte(`"apiVersion"`)) || !bytes.Contains(text, []byte(`"kind"`)))
}

// isRegular keeps a folder's pipes, sockets and devices from being opened,
// which might never return. Symbolic links are followed.
func isRegular(path string, d fs.DirEntry) (bool, error) {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular(), nil
	}
	info, err := os.Stat(path)
	if nowhere(err) {
		return true, nil // read reports it
	}
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", path, cause(err))
	}
	return info.Mode().IsRegular(), nil
}

func skipped(path, name string) bool {
	if strings.HasPrefix(name, ".") {
		return true
	}
	if name != "templates" && name != "files" && name != "crds" {
		return false
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(path), "Chart.yaml"))
	return err == nil
}

// read returns the documents of one file.
func (o Options) read(path string, stdin io.Reader) ([]*document.Document, error) {
	text, problem, err := o.text(path, stdin)
	if err != nil || problem != nil {
		return []*document.Document{problem}, err
	}
	return document.Parse(path, text), nil
}

// text reads one file. What cannot be read for a reason that must not keep the
// others from being checked is a document with that problem.
func (o Options) text(path string, stdin io.Reader) ([]byte, *document.Document, error) {
	if err := o.interrupted(); err != nil {
		return nil, nil, err
	}
	text, known := o.Texts[path]
	if !known {
		var err error
		text, err = readAll(path, stdin, cmp.Or(o.limit, document.MaxBytes))
		if dangling(path, err) {
			at := finding.Location{File: path, Line: 1, Column: 1}
			return nil, &document.Document{File: path, Line: 1, Problems: []document.Problem{{Kind: document.Dangling, At: at, Message: "the symbolic link leads to no file"}}}, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("reading %s: %w", path, cause(err))
		}
	}
	if o.Texts != nil {
		o.Texts[path] = text
	}
	return text, nil, nil
}

// readAll reads one byte more than may be parsed and no further, whatever the
// size of the file.
func readAll(path string, stdin io.Reader, limit int64) ([]byte, error) {
	var text bytes.Buffer
	r := stdin
	if path != stdinName {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			text.Grow(int(min(info.Size(), limit)) + bytes.MinRead)
		}
		r = f
	}
	_, err := text.ReadFrom(io.LimitReader(r, limit+1))
	return text.Bytes(), err
}

// dangling says whether a file could not be opened because it is a symbolic
// link to nothing. Those are left over in many repositories, and must not
// keep the other files from being checked.
func dangling(path string, err error) bool {
	if !nowhere(err) {
		return false
	}
	_, link := os.Readlink(path)
	return link == nil
}

func nowhere(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ELOOP) }

// cause drops the path that the os package repeats in its errors.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
