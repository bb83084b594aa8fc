package writer

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// comment collects Markdown up to a number of bytes.
type comment struct {
	text strings.Builder
	room int
}

func (c *comment) add(s string) {
	c.text.WriteString(s)
	c.room -= len(s)
}

const tableHead = "| place | severity | finding | check |\n|---|---|---|---|\n"

// findings prints the first ones as a table and folds the rest away.
func (c *comment) findings(all []finding.Finding) {
	if len(all) == 0 {
		return
	}
	var rows []string
	for _, f := range all {
		rows = append(rows, row(f))
	}
	first := min(shown, len(rows))
	c.add("\n" + tableHead)
	c.lines(rows[:first], "finding")
	if rest := rows[first:]; len(rest) > 0 {
		c.folded(finding.Count(len(rest), "more finding"), tableHead, rest)
	}
}

// folded prints lines that a reader has to open. The empty line below the
// summary makes them Markdown again.
func (c *comment) folded(title, head string, lines []string) {
	const end = "\n</details>\n"
	start := fmt.Sprintf("\n<details><summary>%s</summary>\n\n%s", title, head)
	if len(lines) == 0 || c.room < len(start)+len(end)+200 {
		return
	}
	c.add(start)
	c.room -= len(end)
	c.lines(lines, "line")
	c.room += len(end)
	c.add(end)
}

// lines prints what there is room for, and says how many there was none for.
func (c *comment) lines(lines []string, what string) {
	const reserve = 100
	for i, l := range lines {
		if len(l)+reserve > c.room {
			c.add(fmt.Sprintf("\n%s not shown: a comment can hold no more.\n", finding.Count(len(lines)-i, "more "+what)))
			return
		}
		c.add(l)
	}
}
