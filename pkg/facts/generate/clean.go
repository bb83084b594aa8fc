package main

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// longest is how much of a comment is kept: what an editor shows at a glance.
const longest = 300

// marker is a word that tools read, not people.
var marker = regexp.MustCompile(`(?m)^(\$hide_from_docs|\+[a-z].*|@.*|.*Deprecated: Marked as deprecated in .*|TODO.*)$`)

// clean keeps the first paragraph of a comment that says something, on one
// line, cut at a sentence.
func clean(comment string) string {
	comment = marker.ReplaceAllString(comment, "")
	for paragraph := range strings.SplitSeq(strings.TrimSpace(comment), "\n\n") {
		paragraph, _, _ = strings.Cut(paragraph, "```")
		text := strings.Join(strings.Fields(paragraph), " ")
		if text != "" {
			return shorten(text)
		}
	}
	return ""
}

func shorten(text string) string {
	if len(text) <= longest {
		return text
	}
	if end := strings.LastIndex(text[:longest], ". "); end > 0 {
		return text[:end+1]
	}
	return text[:strings.LastIndex(text[:longest], " ")] + " ..."
}

// head is the comment right above a key of a chart's defaults.
func head(key *yaml.Node) string {
	blocks := strings.Split(key.HeadComment, "\n\n")
	var lines []string
	for line := range strings.SplitSeq(blocks[len(blocks)-1], "\n") {
		lines = append(lines, strings.TrimSpace(strings.TrimLeft(line, "#")))
	}
	return clean(strings.Join(lines, "\n"))
}
