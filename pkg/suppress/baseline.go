package suppress

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
)

// BaselineVersion names the form of a baseline file.
const BaselineVersion = "meshctl.baseline/v1"

// Known is one entry of a baseline: how many findings of a rule there are in
// one place. It holds no message, which might quote a value, and no line.
type Known struct {
	Rule string `json:"rule"`
	// Cluster is the name of the one of several clusters.
	Cluster string `json:"cluster,omitempty"`
	File    string `json:"file,omitempty"`
	Object  string `json:"object,omitempty"`
	Path    string `json:"path,omitempty"`
	// Digest tells findings in one place apart, by their message.
	Digest string `json:"digest,omitempty"`
	Count  int    `json:"count,omitempty"` // left out for 1
}

// known is the entry for a finding; name gives its file as the baseline does.
func known(f finding.Finding, name func(string) string) Known {
	k := Known{Rule: f.Rule, Cluster: f.At.Cluster, File: name(f.At.File), Object: f.At.Object, Path: f.At.Path}
	sum := sha256.Sum256([]byte(f.Message))
	k.Digest = hex.EncodeToString(sum[:6])
	return k
}

func (k Known) key() string {
	return strings.Join([]string{k.File, k.Rule, k.Object, k.Path, k.Digest, k.Cluster}, "\x00")
}

// Key returns the function that finds a finding in a baseline.
func Key(name func(string) string) func(finding.Finding) string {
	return func(f finding.Finding) string { return known(f, name).key() }
}

// WriteBaseline prints a baseline that holds the findings: sorted, one line an
// entry, the same bytes for the same findings.
func WriteBaseline(findings []finding.Finding, name func(string) string) ([]byte, error) {
	entries := map[string]*Known{}
	for _, f := range findings {
		k := known(f, name)
		if entries[k.key()] == nil {
			entries[k.key()] = &k
		}
		entries[k.key()].Count++
	}
	var keys []string
	for key := range entries {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var lines [][]byte
	for _, key := range keys {
		line, err := entries[key].line()
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return fmt.Appendf(nil, "{\n  \"schemaVersion\": %q,\n  \"findings\": [%s\n  ]\n}\n", BaselineVersion, bytes.Join(lines, []byte(","))), nil
}

func (k *Known) line() ([]byte, error) {
	if k.Count == 1 {
		k.Count = 0
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(k); err != nil {
		return nil, fmt.Errorf("writing baseline: %w", err)
	}
	return append([]byte("\n    "), escaped(bytes.TrimRight(line.Bytes(), "\n"))...), nil
}

// escaped writes characters as escapes that would turn round or hide what
// stands beside them in a file that people review. Those that take two
// escapes in JSON stay: YAML, as which the file is read, has no such pairs.
func escaped(line []byte) []byte {
	var out []byte
	for _, r := range string(line) {
		if r <= 0xffff && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// ReadBaseline turns a baseline into entries. seen says whether everything that
// an entry is for was looked at; its file is named as in the baseline.
func ReadBaseline(path string, data []byte, seen func(Known) bool) ([]*Entry, error) {
	docs := document.Parse(path, data)
	if len(docs) != 1 || len(docs[0].Problems) > 0 || docs[0].Root.Str("schemaVersion") != BaselineVersion {
		return nil, fmt.Errorf("reading baseline %s: it is no baseline of this version; write it anew with --write-baseline", path)
	}
	var out []*Entry
	for _, v := range docs[0].Root.Field("findings").Items() {
		k, err := entry(v)
		if err != nil {
			return nil, fmt.Errorf("reading baseline: %s: %w", v.Location(), err)
		}
		out = append(out, &Entry{
			Kind: Baseline, Rule: k.Rule, At: v.Location(), About: k.about(), Key: k.key(), Limit: k.Count,
			Seen: func() bool { return seen(k) },
		})
	}
	return out, nil
}

func entry(v *document.Value) (Known, error) {
	k := Known{Count: 1}
	into := map[string]*string{"rule": &k.Rule, "cluster": &k.Cluster, "file": &k.File, "object": &k.Object, "path": &k.Path, "digest": &k.Digest}
	for _, f := range v.Fields() {
		if s := into[f.Name()]; s != nil {
			*s = f.Text
			continue
		}
		n, err := strconv.Atoi(f.Text)
		if f.Name() != "count" || err != nil || n < 1 {
			return k, fmt.Errorf("unexpected %s %q", f.Name(), f.Text)
		}
		k.Count = n
	}
	if k.Rule == "" {
		return k, fmt.Errorf("an entry names no rule")
	}
	return k, nil
}

// about says where an entry's findings stand.
func (k Known) about() string {
	var out []string
	for _, part := range []struct{ word, value string }{{"at", k.Path}, {"of", k.Object}, {"in", k.File}, {"in cluster", k.Cluster}} {
		if part.value != "" {
			out = append(out, part.word+" "+part.value)
		}
	}
	return strings.Join(out, " ")
}
