package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
)

// evidence is what the linked module says about one field.
type evidence struct {
	alias, kind string
	deprecated  bool
	comment     string
	// faint evidence keeps a row alive but is not enough for a new one.
	faint bool
}

// The columns of values-fields.tsv.
const (
	colSurface = iota
	colPath
	colAlias
	colType
	colFirst
	colRemoved
	colSince
	colNote
	colReplacement
)

// found is the evidence of one surface by path.
type found map[string]evidence

// renewFields brings the rows of one surface to a minor: what has no evidence
// any more is removed in it, what has no row yet begins with it.
func renewFields(t *table, s facts.Surface, in found, istio facts.Minor) []string {
	var log []string
	have := map[string]bool{}
	for _, row := range t.rows {
		if row[colSurface] != string(s) {
			continue
		}
		have[row[colPath]] = true
		e, alive := in[row[colPath]]
		switch {
		case alive:
			log = append(log, refresh(row, e, istio)...)
		case row[colRemoved] == "":
			row[colRemoved] = istio.String()
			log = append(log, fmt.Sprintf("- %s %s", s, row[colPath]))
		}
	}
	for path, e := range in {
		if have[path] || e.faint || e.kind == "ref" && around(t, s, path) {
			continue
		}
		row := []string{string(s), path, e.alias, e.kind, istio.String(), "", "", "", ""}
		if e.deprecated {
			row[colSince], row[colNote] = istio.String(), noteOf(e)
		}
		t.add(1, row)
		log = append(log, fmt.Sprintf("+ %s %s (%s)", s, path, e.kind))
	}
	slices.Sort(log)
	return log
}

// refresh brings a row that lives up to date.
func refresh(row []string, e evidence, istio facts.Minor) []string {
	name := row[colSurface] + " " + row[colPath]
	var log []string
	if row[colRemoved] != "" {
		row[colRemoved] = ""
		log = append(log, "~ "+name+" is back")
	}
	if plain(row[colType]) != e.kind && e.kind != "" && !strings.HasPrefix(row[colSurface], "helm:") {
		log = append(log, fmt.Sprintf("~ %s was %q, is %q", name, row[colType], e.kind))
		row[colType] = e.kind
	}
	if e.deprecated && row[colSince] == "" && row[colNote] == "" {
		row[colSince], row[colNote] = istio.String(), noteOf(e)
		log = append(log, "~ "+name+" is deprecated")
	}
	return log
}

// plain is a type without the mark of a field that istio.io does not show.
func plain(kind string) string { return strings.TrimSuffix(kind, " (hidden)") }

// noteOf is what the comment says about the deprecation, or the bare marker.
func noteOf(e evidence) string {
	for sentence := range strings.SplitSeq(e.comment, ". ") {
		if strings.Contains(strings.ToLower(sentence), "deprecated") {
			return strings.TrimSuffix(sentence, ".") + "."
		}
	}
	return "[deprecated = true]"
}

// around says that a path which only a template reads needs no row: one above
// it leaves its content open, or rows below it imply it.
func around(t *table, s facts.Surface, path string) bool {
	return slices.ContainsFunc(t.rows, func(row []string) bool {
		open := row[colType] == "map" || row[colType] == "ref"
		return row[colSurface] == string(s) && row[colRemoved] == "" &&
			(open && strings.HasPrefix(path, row[colPath]+".") || strings.HasPrefix(row[colPath], path+"."))
	})
}
