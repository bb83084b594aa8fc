package fix

// union tells which files belong together, by the name of one of them.
type union map[string]string

// groups puts files together that one fix changes or is about; all of them
// once they were found to depend on one another.
func (f *fixer) groups(s state) union {
	u := union{}
	for file := range s.texts {
		u[file] = file
		if f.together {
			u[file] = ""
		}
	}
	if f.together {
		u[""] = ""
		return u
	}
	for _, found := range fixable(s.judged.Wanted) {
		for _, e := range found.Fix.Edits {
			u.join(found.At.File, e.File)
		}
	}
	return u
}

// of is the group of a file.
func (u union) of(file string) string {
	for u[file] != file {
		next, known := u[file]
		if !known {
			return u.unknown(file)
		}
		file = next
	}
	return file
}

// unknown is the group of a place in no file that was read: all files, where
// they are one group.
func (u union) unknown(file string) string {
	if _, together := u[""]; together {
		return ""
	}
	return file
}

// join makes one group of two; its name is the lesser one, whatever the order.
func (u union) join(a, b string) {
	a, b = u.of(a), u.of(b)
	u[max(a, b)] = min(a, b)
	u[min(a, b)] = min(a, b)
}

func (u union) names() map[string]bool {
	out := map[string]bool{}
	for file := range u {
		out[u.of(file)] = true
	}
	return out
}
