package writer

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/meshctl/meshctl/pkg/report"
)

// rendered is a comment as GitHub shows it: its Markdown, with the HTML in it.
func rendered(t *testing.T, r *report.Report) string {
	t.Helper()
	var out bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := md.Convert(printed(t, "markdown", r), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var (
	codeSpan = regexp.MustCompile(`(?s)<code>.*?</code>`)
	tag      = regexp.MustCompile(`</?([a-zA-Z][a-zA-Z0-9]*)`)
	mention  = regexp.MustCompile(`[@#][A-Za-z0-9]|https?://|www\.`)
)

// TestNoMarkupFromTexts renders comments full of hostile texts. Only the
// elements that the writer makes may come out, one row a finding, and outside
// of code nothing that a site makes a link or a mention of.
func TestNoMarkupFromTexts(t *testing.T) {
	own := " h3 p table thead tbody tr th td br code span details summary ul li strong "
	for seed := range uint64(60) {
		r := mixed(rand.New(rand.NewPCG(seed, 2)))
		page := rendered(t, r)
		for _, m := range tag.FindAllStringSubmatch(codeSpan.ReplaceAllString(page, ""), -1) {
			if !strings.Contains(own, " "+m[1]+" ") {
				t.Errorf("seed %d: an element %s", seed, m[1])
			}
		}
		text := codeSpan.ReplaceAllString(page, "")
		if m := mention.FindString(text); m != "" {
			t.Errorf("seed %d: %q stands open in %s", seed, m, text)
		}
		if cells, rows := strings.Count(page, "<td"), strings.Count(page, "<tr>")-strings.Count(page, "<thead>"); cells != 4*rows {
			t.Errorf("seed %d: %d rows have %d cells", seed, rows, cells)
		}
	}
}

func TestMarkup(t *testing.T) {
	for in, want := range map[string]string{
		`unknown field "a.b", did you mean "c"?`: "unknown field `a.b`, did you mean `c`?",
		"a|b":                                    `a\|b`,
		`"x|y"`:                                  "`x\\|y`",
		"\"a`b\"":                                "``a`b``",
		"@team":                                  "<span>@</span>team",
		`say "" now`:                             `say "" now`,
	} {
		if got := markup(in); got != want {
			t.Errorf("%s gives %s, want %s", in, got, want)
		}
	}
}
