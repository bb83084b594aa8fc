package snapshot

import (
	"cmp"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
)

// Origin is the text that an object was read from.
type Origin struct {
	File string
	// Line is how many lines of the file precede the text.
	Line int
	// Text is one YAML document.
	Text []byte
	// Path leads to the object in a document that is a list; else "".
	Path string
}

// Twice is an object that files hold several times.
type Twice struct {
	// Object is its Kind/namespace/name.
	Object string
	// Others are the places of those that the last one replaces.
	Others []finding.Location
}

// Malformed is an object that is not what its kind says.
type Malformed struct {
	At         finding.Location
	Kind, Name string
	// Reason says which value is wrong and what is wanted; where no value is
	// known to be wrong, it is the decoder's.
	Reason string
}

// RefusedValue is a value in an object that can be read all the same.
type RefusedValue struct {
	At                finding.Location
	Group, Kind, Name string
	// Reason says what the value is and what is wanted.
	Reason string
	// Strange says that it has the right form, and that none of the values that
	// are known is like it: a later release of the API may know it.
	Strange bool
	// Taken says that a cluster has had the object.
	Taken bool
}

// UnknownField is a field of an object that its kind does not have.
type UnknownField struct {
	At                finding.Location
	Group, Kind, Name string
	// Meant is the field that was probably meant; "" if none is near.
	Meant string
	// Taken says that a cluster has had the object.
	Taken bool
}

// Locate completes a place that names an object and a path in it with the line
// and column there, if the object was read from a file. Documents are parsed
// for that: few of thousands have a finding, and their trees would take
// twenty times the memory of their text.
func (s *Snapshot) Locate(at finding.Location) finding.Location {
	return s.Within(s.locate(at))
}

// Within completes a place with the name of the cluster.
func (s *Snapshot) Within(at finding.Location) finding.Location {
	if at.Cluster == "" && !at.OfFile() {
		at.Cluster = s.Cluster
	}
	return at
}

func (s *Snapshot) locate(at finding.Location) finding.Location {
	if at.File == "" && at.Object == "" && s.MeshConfigMap != "" {
		at = finding.Location{Object: s.MeshConfigMap, Path: strings.TrimSuffix("data.mesh."+at.Path, ".")}
	}
	if origin, ok := s.Origins[at.Object]; ok && at.File == "" {
		return s.In(origin, at)
	}
	return at
}

// In completes a place in an object of files.
func (s *Snapshot) In(origin Origin, at finding.Location) finding.Location {
	at.File, at.Line, at.Column = origin.File, origin.Line+1, 1
	if root := s.tree(origin); root != nil {
		place := root.Nearest(origin.Path).Nearest(cmp.Or(at.Path, "metadata.name")).Location()
		at.Line, at.Column, at.EndLine, at.EndColumn = place.Line, place.Column, place.EndLine, place.EndColumn
	}
	return at
}

// trees are the documents that were parsed last: an object may have thousands
// of findings.
type trees struct {
	*lru.Cache[origin, *document.Value]
}

// origin tells documents apart.
type origin struct {
	file string
	line int
}

const maxTrees = 32

// tree is the document of an object, nil for one that is empty.
func (s *Snapshot) tree(o Origin) *document.Value {
	known := Derived(s, func(*Snapshot) trees {
		c, _ := lru.New[origin, *document.Value](maxTrees) // fails for sizes below one only
		return trees{c}
	})
	key := origin{o.File, o.Line}
	if root, ok := known.Get(key); ok {
		return root
	}
	var root *document.Value
	for _, d := range document.ParsePart(o.File, document.Part{Line: o.Line, Text: o.Text}) {
		if d.Root != nil {
			root = d.Root
			break
		}
	}
	known.Add(key, root)
	return root
}
