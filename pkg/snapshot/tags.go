package snapshot

import (
	"cmp"
	"slices"
)

// DefaultRevision is how the revision without a name is called in labels, and
// the tag that stands for it.
const DefaultRevision = "default"

// Tag is a name that stands for a revision, so that namespaces need not be
// labelled anew when it changes.
type Tag struct {
	Name, Revision string
	// At is the injector's webhook configuration that makes the tag.
	At Key
}

// Tags finds the revision tags among webhook configurations, sorted by name.
func Tags[O Object](webhooks []O) []Tag {
	var out []Tag
	for _, o := range webhooks {
		labels := o.GetLabels()
		if key := KeyOf(o); key.Kind == "MutatingWebhookConfiguration" && labels["istio.io/tag"] != "" {
			out = append(out, Tag{labels["istio.io/tag"], cmp.Or(labels["istio.io/rev"], DefaultRevision), key})
		}
	}
	slices.SortFunc(out, func(a, b Tag) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.At.Name, b.At.Name)) })
	return out
}

// Resolve is the revision that a name means, which may be a tag's.
func Resolve(name string, tags []Tag) string {
	for _, t := range tags {
		if t.Name == name {
			return t.Revision
		}
	}
	return name
}

// InjectedBy is the revision that the labels of a namespace ask for; "" where
// they ask for none.
func InjectedBy(labels map[string]string, tags []Tag) string {
	switch injection, revision := labels["istio-injection"], labels["istio.io/rev"]; {
	case injection == "enabled":
		return Resolve(DefaultRevision, tags)
	case injection == "" && revision != "":
		return Resolve(revision, tags)
	}
	return ""
}
