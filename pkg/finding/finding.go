// Package finding defines what a rule has to say: a message with a severity
// and a place. It is the leaf below every other package of the module.
package finding

import (
	"fmt"
	"strings"
)

// Severity ranks a finding. The zero value is Info.
type Severity int

// The three severities, in rising order.
const (
	Info    Severity = iota // worth knowing; nothing has to be done
	Warning                 // works today, or only partly; should be changed
	Error                   // broken, or about to break
)

// String returns the lower-case name that reports and flags use.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "info"
	}
}

// MarshalText writes the name, so that JSON reports carry words, not numbers.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name written by MarshalText.
func (s *Severity) UnmarshalText(text []byte) error {
	parsed, err := ParseSeverity(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// ParseSeverity reads "error", "warning" or "info".
func ParseSeverity(name string) (Severity, error) {
	for _, s := range []Severity{Info, Warning, Error} {
		if s.String() == name {
			return s, nil
		}
	}
	return Info, fmt.Errorf("unknown severity %q, want error, warning or info", name)
}

// Location is a place in a file, a live object, or both. Lines and columns
// start at 1 and columns count code points; 0 means "not known".
type Location struct {
	// Cluster names the cluster where several were looked at.
	Cluster   string `json:"cluster,omitempty"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
	// Object names a Kubernetes object as Kind/namespace/name.
	Object string `json:"object,omitempty"`
	// Path is the dotted path of a field inside the document or the object.
	Path string `json:"path,omitempty"`
}

// Location makes a Location its own Locator.
func (l Location) Location() Location { return l }

// String prints FILE:LINE:COL, leaving out what is not known, or the object and
// the path of its field for a place that is in no file; the cluster, if there is
// one, before it.
func (l Location) String() string {
	switch place := l.inside(); {
	case l.Cluster == "":
		return place
	case place == "":
		return l.Cluster
	default:
		return l.Cluster + ": " + place
	}
}

// OfFile says whether the place is in a file and in no object, so that it is
// the same for every cluster.
func (l Location) OfFile() bool { return l.File != "" && l.Object == "" }

// inside is the place within the cluster.
func (l Location) inside() string {
	switch {
	case l.File == "" && l.Object == "":
		return l.Path
	case l.File == "":
		return strings.TrimSpace(l.Object + " " + l.Path)
	case l.Line == 0:
		return l.File
	case l.Column == 0:
		return fmt.Sprintf("%s:%d", l.File, l.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", l.File, l.Line, l.Column)
	}
}

// Locator is anything that has a place: a YAML value, a live object, a fact
// about the cluster.
type Locator interface{ Location() Location }

// Related points from a finding to a second place that explains it.
type Related struct {
	Message string   `json:"message"`
	At      Location `json:"location"`
}

// Position is a place in a text; line and column start at 1.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Edit replaces the text from Start up to, not including, End.
type Edit struct {
	File  string   `json:"file"`
	Start Position `json:"start"`
	End   Position `json:"end"`
	Text  string   `json:"text"`
}

// Fix is one safe answer to a finding.
type Fix struct {
	Description string `json:"description"`
	Edits       []Edit `json:"edits,omitempty"`
}

// Finding is one thing that the user should act on. It is not an error of
// the tool.
type Finding struct {
	Rule     string    `json:"rule"`
	Name     string    `json:"name"`
	Severity Severity  `json:"severity"`
	Message  string    `json:"message"`
	At       Location  `json:"location"`
	Related  []Related `json:"related,omitempty"`
	Fix      *Fix      `json:"fix,omitempty"`
}

// Propose gives the finding a fix, if there are edits that make one.
func (f *Finding) Propose(edits []Edit, format string, args ...any) {
	if len(edits) > 0 {
		f.Fix = &Fix{Description: fmt.Sprintf(format, args...), Edits: edits}
	}
}
