package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshctl/meshctl/pkg/document"
)

// form is how the text of a value has to look.
type form struct {
	// pattern is a regular expression for editors.
	pattern string
	// problem says what is wrong with a text, or "".
	problem func(text string) string
}

// logLevels are those of Istio's own programs, envoyLevels those of Envoy.
func logLevels() []string { return []string{"debug", "info", "warn", "error", "fatal", "none"} }

func envoyLevels() []string {
	return []string{"trace", "debug", "info", "warning", "warn", "error", "critical", "off"}
}

// scopes is the form of a list such as default:info,ads:debug. The names of
// the scopes differ between programs and are not judged.
func scopes(levels []string, bare bool) *form {
	level := "(" + strings.Join(levels, "|") + "|" + strings.ToUpper(strings.Join(levels, "|")) + ")"
	item := `[^:,]+:` + level
	if bare {
		item = `([^:,]+:)?` + level
	}
	return &form{"^(" + item + "(," + item + ")*)?$", func(text string) string {
		for part := range strings.SplitSeq(text, ",") {
			scope, level, both := strings.Cut(strings.TrimSpace(part), ":")
			if !both {
				level = scope
			}
			if !both && !bare {
				return fmt.Sprintf("%q has no scope, want SCOPE:LEVEL such as misc:error", part)
			}
			if problem := oneOf(levels, strings.ToLower(level)); problem != "" {
				return "log level: " + problem
			}
		}
		return ""
	}}
}

func oneOf(values []string, text string) string {
	if slices.Contains(values, text) {
		return ""
	}
	if s := Suggest(text, values); s != "" {
		return fmt.Sprintf("unknown value %q, did you mean %q?", text, s)
	}
	return fmt.Sprintf("unknown value %q, want one of %s", text, strings.Join(values, ", "))
}

// certProvider is the form of global.pilotCertProvider: four names, or the
// signer of a Kubernetes CSR.
func certProvider() *form {
	return &form{"^(k8s[.]io/.*|istiod|kubernetes|custom|none|)$", knownProvider}
}

func knownProvider(text string) string {
	if strings.HasPrefix(text, "k8s.io/") {
		return ""
	}
	return oneOf([]string{"istiod", "kubernetes", "custom", "none"}, text)
}

var shareForm = regexp.MustCompile(`^[0-9]+%?$`)

// share is the form of a number of pods, or of a part of them.
func share() *form { return &form{"^([0-9]+%?)?$", shareProblem} }

func shareProblem(text string) string {
	if shareForm.MatchString(text) {
		return ""
	}
	return fmt.Sprintf("%q is neither a number nor a percentage such as 25%%", text)
}

// amount is the form of a quantity in a field that istioctl takes as text.
func amount() *form { return &form{amountForm, quantityProblem} }

func quantityProblem(text string) string {
	if _, err := resource.ParseQuantity(text); err != nil {
		return fmt.Sprintf("%q is not an amount, want for example 500m or 1Gi", text)
	}
	return ""
}

// formMismatch applies a form to any scalar but the empty text, with which
// templates leave the setting out.
func formMismatch(v *document.Value, f *form) string {
	if !v.Scalar() {
		return "must be a single value, is a " + v.Kind.String()
	}
	if v.Text == "" {
		return ""
	}
	return f.problem(v.Text)
}
