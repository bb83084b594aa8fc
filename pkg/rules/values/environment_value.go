package values

import (
	"regexp"
	"strconv"
	"time"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// judgeEnvValue follows Istio's own reading of its variables: a value of the
// wrong type is logged, and the default taken. The default tells the type.
func judgeEnvValue(p *rule.Pass, c *snapshot.Config, e snapshot.Env) {
	known, ok := facts.EnvVar(e.Name)
	if !ok || !known.In(c.Istio) || e.Program != known.Program || e.Value == nil || e.Value.Kind != document.String || e.Value.Text == "" || e.Value.Placeholder() != "" {
		return
	}
	standard, ok := known.Default(c.Istio)
	if want := wantedEnv(standard, e.Value.Text); ok && want != "" {
		p.Reportf(e.Value, "%s must be %s, is %q, so its default %s is taken", e.Name, want, e.Value.Text, standard)
	}
}

var (
	figure = regexp.MustCompile(`^[0-9]*\.?[0-9]+$`)
	period = regexp.MustCompile(`^([0-9.]+(ms|s|m|h))+$`)
)

// wantedEnv says what a variable with a default takes; "" where it takes the
// text. Of numbers only what is none at all is wrong for certain.
func wantedEnv(standard, text string) string {
	var err error
	want := ""
	switch {
	case standard == "true" || standard == "false":
		_, err = strconv.ParseBool(text)
		want = "true or false"
	case period.MatchString(standard):
		_, err = time.ParseDuration(text)
		want = "a duration such as 10s"
	case figure.MatchString(standard):
		_, err = strconv.ParseFloat(text, 64)
		want = "a number"
	}
	if err == nil {
		return ""
	}
	return want
}

// repeatedEnv reports a list that gives one variable two values: they are
// merged by name, and the last one wins.
func repeatedEnv(p *rule.Pass, c *snapshot.Config) {
	type home struct {
		list *document.Value
		name string
	}
	last := map[home]snapshot.Env{}
	for _, e := range c.Env() {
		if !e.Named || e.Value == nil {
			continue
		}
		at := home{e.At.Parent().Parent(), e.Name}
		if before, ok := last[at]; ok && before.Value.Text != e.Value.Text && e.Name != "" {
			p.Reportf(before.At, "%s is set again in line %d of the same list; only the last value counts", e.Name, e.At.Location().Line)
		}
		last[at] = e
	}
}
