package rendered

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Check renders every configuration of a snapshot offline with the bundled
// charts, for the rules that look at manifests.
func Check(ctx context.Context, s *snapshot.Snapshot) error {
	return CheckWith(ctx, s, CheckOptions{Kubernetes: s.Target.Kubernetes})
}

// CheckWith is Check with other charts or another Kubernetes version.
// Configurations that say the same are rendered once. The error is that of a
// context that ended.
func CheckWith(ctx context.Context, s *snapshot.Snapshot, o CheckOptions) error {
	byConfig, jobs := distinct(s, o.Memory)
	shared := newPool()
	next := make(chan *job)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		wg.Go(func() {
			for j := range next {
				j.run(o, shared)
			}
		})
	}
	for _, j := range jobs {
		if ctx.Err() != nil {
			break
		}
		next <- j
	}
	close(next)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("rendering: %w", err)
	}
	o.Memory.keep(byConfig)
	for _, c := range s.Configs {
		if c.IsMesh() {
			continue
		}
		r := byConfig[c].of(c)
		s.Renderings = append(s.Renderings, r)
		s.Rendered = append(s.Rendered, r.Manifests...)
	}
	s.Provide(snapshot.Rendered)
	return nil
}

// job is one rendering, for all the configurations that say the same.
type job struct {
	tracer
	id     string
	result snapshot.Rendering
}

func distinct(s *snapshot.Snapshot, known *Memory) (byConfig map[*snapshot.Config]*job, jobs []*job) {
	byConfig = map[*snapshot.Config]*job{}
	seen := map[string]*job{}
	for _, c := range s.Configs {
		if c.IsMesh() {
			continue // no chart makes objects of it
		}
		id := identity(c)
		if seen[id] == nil {
			seen[id] = known.recall(id)
		}
		if seen[id] == nil {
			seen[id] = &job{id: id, tracer: tracer{variants: variants{config: c}}}
			jobs = append(jobs, seen[id])
		}
		byConfig[c] = seen[id]
	}
	return byConfig, jobs
}

// identity is the same for two configurations that render the same. What
// cannot be encoded is like nothing else.
func identity(c *snapshot.Config) string {
	data, err := c.Root.JSON()
	if err != nil {
		return fmt.Sprintf("%p", c)
	}
	return fmt.Sprintf("%x %s %s %s %s", sha256.Sum256(data), c.Chart, c.Istio, c.ReleaseNamespace, c.ReleaseName)
}

func (j *job) run(o CheckOptions, shared *pool) {
	c := j.config
	j.options = o
	if j.result.Unknown = o.pointless(c); j.result.Unknown != "" {
		return
	}
	j.result.Manifests = manifestsOf(c, j.render(&j.result), shared)
	if c.IsOperator() && len(j.result.Manifests) > 0 && overlaid(j.root) {
		if plain, err := o.offline(c, j.root.Prune(overlay)); err == nil {
			j.result.Plain = manifestsOf(c, plain, shared)
		}
	}
}

func overlay(v *document.Value) bool { return v.Name() == "overlays" }

// overlaid says whether any component has overlays.
func overlaid(root *document.Value) bool {
	for _, component := range root.At("spec", "components").Fields() {
		for _, one := range append(component.Items(), component) {
			if one.At("k8s", "overlays") != nil {
				return true
			}
		}
	}
	return false
}

// pointless says why a configuration cannot be rendered at all; "" if it can
// be tried. Where that is a fault, another rule reports it.
func (o CheckOptions) pointless(c *snapshot.Config) string {
	of, whose := facts.Embedded(), "the bundled charts"
	if o.Charts != nil {
		of, whose = o.Charts.Istio(), "the charts given with --manifests"
	}
	switch {
	case of.Known() && c.Istio != of:
		advice := fmt.Sprintf("give those of %s with --manifests", c.Istio)
		if o.Charts != nil {
			advice = fmt.Sprintf("add --istio-version %s", of)
		}
		return fmt.Sprintf("what is checked for Istio %s was not rendered, because %s are those of %s; %s, or leave rendering out with --render=false", c.Istio, whose, of, advice)
	case o.Charts != nil && c.IsOperator() && o.Charts.Root == "":
		return "an IstioOperator is rendered from a folder with charts/ and profiles/, as in the manifests of a release; --manifests gives single charts"
	case o.Charts != nil && !c.IsOperator():
		if _, err := o.Charts.Chart(c.Chart); err != nil {
			return err.Error()
		}
	case o.Charts == nil && c.Effective == nil:
		return c.Name() + " names a profile, a platform or a compatibility version that is not bundled"
	case o.Charts == nil && c.IsOperator() && c.Root.Str("spec", "installPackagePath") != "":
		return c.Name() + " names charts of its own in spec.installPackagePath; give them with --manifests"
	}
	return ""
}

// of is the job's result in terms of one of its configurations.
func (j *job) of(c *snapshot.Config) snapshot.Rendering {
	r := j.result
	r.Config = c
	if c == j.config {
		r.Trace = j.trace(c)
		return r
	}
	r.Manifests, r.Plain = own(r.Manifests, c), own(r.Plain, c)
	r.Refusals = nil
	for _, refused := range j.result.Refusals {
		r.Refusals = append(r.Refusals, snapshot.Refusal{Message: refused.Message, Causes: twins(c, refused.Causes)})
	}
	r.Trace = j.trace(c)
	return r
}

func own(in []snapshot.Manifest, c *snapshot.Config) []snapshot.Manifest {
	var out []snapshot.Manifest
	for _, m := range in {
		m.Config = c
		out = append(out, m)
	}
	return out
}

// trace makes the tracer answer with the values of one configuration.
func (j *job) trace(c *snapshot.Config) snapshot.Tracer {
	return func(id string, hint snapshot.Hint, problem func([]snapshot.Manifest) snapshot.State) []*document.Value {
		wanted := map[string]bool{}
		for _, path := range j.causes(id, hint, problem) {
			wanted[path] = true
		}
		return at(c, wanted)
	}
}

func twins(c *snapshot.Config, values []*document.Value) []*document.Value {
	return at(c, paths(values))
}

// at returns the leaves of a configuration with the given paths.
func at(c *snapshot.Config, wanted map[string]bool) []*document.Value {
	var out []*document.Value
	for _, v := range c.Root.Leaves() {
		if wanted[v.Path()] {
			out = append(out, v)
		}
	}
	return out
}
