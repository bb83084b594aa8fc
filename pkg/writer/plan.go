package writer

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/report"
)

// PlanOptions change how a plan looks.
type PlanOptions struct {
	// Color adds ANSI colours.
	Color bool
	// Brief names what is created in one line a kind.
	Brief bool
	// Taken says that fields of other managers are taken over.
	Taken bool
}

// Plan prints what an installation would do: + for what is created, ~ for what
// is changed, field by field, - for what is deleted, with what is lost by it.
func Plan(w io.Writer, steps []report.Step, sum report.Plan, o PlanOptions) error {
	b := bufio.NewWriter(w)
	p := painter(o.Color)
	if o.Brief {
		steps = created(b, p, steps)
	}
	for _, s := range alike(steps) {
		mark := map[string]string{"create": p.green("+"), "change": p.paint("33", "~"), "delete": p.paint("31", "-")}[s.Action]
		if mark == "" && s.Warning == "" {
			continue
		}
		mark = cmp.Or(mark, "=") // nothing happens to it
		fmt.Fprintf(b, "  %s %s\n", mark, clean(s.Object))
		for _, f := range s.Fields {
			planField(b, p, f)
		}
		for _, c := range s.Conflicts {
			label := p.severityText(finding.Error, "conflict")
			if o.Taken {
				label = p.severityText(finding.Warning, "taken over")
			}
			fmt.Fprintf(b, "      %s: %s has set %s\n", label, clean(c.Manager), clean(strings.Join(c.Fields, ", ")))
		}
		if s.Warning != "" {
			fmt.Fprintf(b, "      %s: %s\n", p.severityText(finding.Warning, "warning"), clean(s.Warning))
		}
	}
	fmt.Fprintf(b, "Plan: %d to create, %d to change, %d to delete, %d unchanged.\n", sum.Create, sum.Change, sum.Delete, sum.Unchanged)
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing plan: %w", err)
	}
	return nil
}

// created prints the objects that are created, by kind, and returns the other
// steps.
func created(w io.Writer, p painter, steps []report.Step) []report.Step {
	names := map[string][]string{}
	var kinds []string
	var rest []report.Step
	for _, s := range steps {
		if s.Action != "create" || len(s.Conflicts) > 0 || s.Warning != "" {
			rest = append(rest, s)
			continue
		}
		kind, name, _ := strings.Cut(s.Object, "/")
		if names[kind] == nil {
			kinds = append(kinds, kind)
		}
		names[kind] = append(names[kind], name)
	}
	for _, kind := range kinds {
		if n := len(names[kind]); n > 1 {
			kind = fmt.Sprintf("%d %s: %s", n, kind, strings.Join(names[kind], ", "))
		} else {
			kind += "/" + names[kind][0]
		}
		fmt.Fprintf(w, "  %s %s\n", p.green("+"), clean(kind))
	}
	return rest
}

// alike makes one step of those that change objects of a kind field by field in
// the same way, as all CRDs when a revision comes.
func alike(steps []report.Step) []report.Step {
	names, at := map[string][]string{}, map[string]int{}
	var out []report.Step
	for _, s := range steps {
		kind, name, _ := strings.Cut(s.Object, "/")
		id := fmt.Sprintf("%s %q %q", kind, s.Fields, s.Conflicts)
		switch first := at[id]; {
		case s.Action != "change" || s.Warning != "":
			out = append(out, s)
		case names[id] == nil:
			names[id], at[id] = []string{name}, len(out)
			out = append(out, s)
		default:
			names[id] = append(names[id], name)
			out[first].Object = fmt.Sprintf("%d %s: %s", len(names[id]), kind, strings.Join(names[id], ", "))
		}
	}
	return out
}

// planField prints a change on one line, or line by line where a text has
// several.
func planField(w io.Writer, p painter, f report.Field) {
	if !strings.Contains(strings.TrimSpace(f.Live)+strings.TrimSpace(f.Want), "\n") {
		live, want := finding.Apart(f.Live, f.Want, 70)
		fmt.Fprintf(w, "      %s: %s → %s\n", clean(f.Path), Brief(live), Brief(want))
		return
	}
	fmt.Fprintf(w, "      %s:\n", clean(f.Path))
	planLines(w, p, "31", "-", f.Live)
	planLines(w, p, "32", "+", f.Want)
}

// maxPlanLines bounds what is shown of one text.
const maxPlanLines = 20

func planLines(w io.Writer, p painter, code, mark, text string) {
	if text == "" {
		return
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if i == maxPlanLines {
			fmt.Fprintf(w, "        %s and %d more lines\n", mark, len(lines)-i)
			return
		}
		fmt.Fprintf(w, "        %s\n", p.paint(code, mark+" "+clean(line)))
	}
}
