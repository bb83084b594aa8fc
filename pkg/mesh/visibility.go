package mesh

import "slices"

// Visibility says to which namespaces an object is exported.
type Visibility struct {
	all    bool
	spaces []string
}

// visibility reads exportTo: "*" for all, "." for the own namespace, "~" for
// none, else the names of namespaces. Where it is empty the mesh's default
// holds, and where that is empty everybody sees the object.
func visibility(exportTo, defaults []string, namespace string) Visibility {
	if len(exportTo) == 0 {
		exportTo = defaults
	}
	if len(exportTo) == 0 {
		return Visibility{all: true}
	}
	var v Visibility
	for _, to := range exportTo {
		switch to {
		case "*":
			return Visibility{all: true}
		case ".":
			v.spaces = append(v.spaces, namespace)
		case "~":
		default:
			v.spaces = append(v.spaces, to)
		}
	}
	slices.Sort(v.spaces)
	v.spaces = slices.Compact(v.spaces)
	return v
}

// All says whether every namespace sees the object.
func (v Visibility) All() bool { return v.all }

// In says whether a namespace sees the object.
func (v Visibility) In(namespace string) bool {
	_, found := slices.BinarySearch(v.spaces, namespace)
	return v.all || found
}

// Overlaps says whether some namespace sees both objects.
func (v Visibility) Overlaps(w Visibility) bool {
	switch {
	case v.all:
		return w.all || len(w.spaces) > 0
	case w.all:
		return len(v.spaces) > 0
	}
	return slices.ContainsFunc(v.spaces, w.In)
}

// Namespaces are those that see the object; nil where all do.
func (v Visibility) Namespaces() []string { return v.spaces }
