package rule

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	idForm   = regexp.MustCompile(`^([A-Z]+[0-9]{3}|IST[0-9]{4})$`)
	nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// Check says everything that is wrong with a catalogue: IDs that are badly
// formed, used twice or retired, and texts that are missing.
func Check(rules []*Rule, retired []string) error {
	var errs []error
	seen := map[string]bool{}
	for _, id := range retired {
		seen[id] = true
	}
	for _, r := range rules {
		if seen[r.ID] || seen[r.Name] {
			errs = append(errs, fmt.Errorf("%s %s: used before", r.ID, r.Name))
		}
		seen[r.ID], seen[r.Name] = true, true
		errs = append(errs, check(r)...)
	}
	return errors.Join(errs...)
}

func check(r *Rule) []error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(r.ID+": "+format, args...)) }
	if !idForm.MatchString(r.ID) {
		bad("ID is not letters and three digits, or a code of istioctl")
	}
	if !nameForm.MatchString(r.Name) {
		bad("name %q is not kebab-case", r.Name)
	}
	if len(r.Stages) == 0 || len(r.Needs) == 0 || r.Category == "" || (r.Run == nil) == (r.Review == nil) {
		bad("stages, needs, category and one of run and review are required")
	}
	for field, text := range map[string]string{"summary": r.Summary, "why": r.Why, "fix": r.Fix} {
		if !strings.HasSuffix(text, ".") {
			bad("%s must be a sentence, is %q", field, text)
		}
	}
	return errs
}
