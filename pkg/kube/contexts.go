package kube

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Context is a context of the kubeconfig.
type Context struct {
	Name string
	// Server tells clusters apart: the address of the API server and the way
	// there.
	Server string
}

// Contexts are those of the kubeconfig, in the order of their names.
func (f *Flags) Contexts() ([]Context, error) {
	raw, err := f.config.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return nil, fmt.Errorf("reading kubeconfig: %w", err)
	}
	var out []Context
	for _, name := range slices.Sorted(maps.Keys(raw.Contexts)) {
		c := Context{Name: name}
		if cluster := raw.Clusters[raw.Contexts[name].Cluster]; cluster != nil {
			c.Server = strings.TrimSuffix(strings.ToLower(cluster.Server), "/")
			for _, way := range []string{cluster.TLSServerName, cluster.ProxyURL} {
				if way != "" {
					c.Server += " by " + way
				}
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// NoContext says that a part of --context is not in the kubeconfig.
type NoContext struct {
	Pattern string
	There   []string
}

func (e *NoContext) Error() string {
	if len(e.There) == 0 {
		return fmt.Sprintf("--context: nothing matches %q, because the kubeconfig has no contexts", e.Pattern)
	}
	return fmt.Sprintf("--context: nothing matches %q; there are %s", e.Pattern, strings.Join(e.There, ", "))
}

// Several are the contexts that --context names: one, several with commas
// between them, or patterns with * and ?. They are nil where it names one
// without a pattern, or none.
func (f *Flags) Several() ([]Context, error) {
	given := ""
	if f.config.Context != nil {
		given = *f.config.Context
	}
	if !strings.ContainsAny(given, ",*?") {
		return nil, nil
	}
	there, err := f.Contexts()
	if err != nil || slices.ContainsFunc(there, func(c Context) bool { return c.Name == given }) {
		return nil, err
	}
	var out []Context
	for pattern := range strings.SplitSeq(given, ",") {
		found := matching(there, strings.TrimSpace(pattern))
		if len(found) == 0 {
			return nil, &NoContext{pattern, names(there)}
		}
		for _, c := range found {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out, nil
}

func names(contexts []Context) []string {
	var out []string
	for _, c := range contexts {
		out = append(out, c.Name)
	}
	return out
}

// matching are the contexts that a name or a pattern is for. A * stands for
// slashes too, which are in the names of Amazon's clusters.
func matching(there []Context, pattern string) []Context {
	text := regexp.QuoteMeta(pattern)
	text = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(text)
	form, err := regexp.Compile("^(?s:" + text + ")$")
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(there), func(c Context) bool { return !form.MatchString(c.Name) })
}

// Elsewhere names the flags that lead to one API server whatever the context
// says; "" for none.
func (f *Flags) Elsewhere() string {
	for name, value := range map[string]*string{"--server": f.config.APIServer, "--cluster": f.config.ClusterName} {
		if value != nil && *value != "" {
			return name
		}
	}
	return ""
}

// In are the same flags with another context. They share nothing else.
func (f *Flags) In(context string) *Flags {
	out, from := NewFlags(), f.config
	to := out.config
	to.CacheDir, to.KubeConfig, to.ClusterName, to.AuthInfoName, to.Namespace = from.CacheDir, from.KubeConfig, from.ClusterName, from.AuthInfoName, from.Namespace
	to.APIServer, to.TLSServerName, to.Insecure, to.CertFile, to.KeyFile, to.CAFile = from.APIServer, from.TLSServerName, from.Insecure, from.CertFile, from.KeyFile, from.CAFile
	to.BearerToken, to.Impersonate, to.ImpersonateUID, to.ImpersonateGroup = from.BearerToken, from.Impersonate, from.ImpersonateUID, from.ImpersonateGroup
	to.Username, to.Password, to.Timeout, to.DisableCompression = from.Username, from.Password, from.Timeout, from.DisableCompression
	to.ImpersonateUserExtra, to.ProxyURL = from.ImpersonateUserExtra, from.ProxyURL
	to.Context = &context
	return out
}
