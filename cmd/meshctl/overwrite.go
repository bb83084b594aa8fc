package main

import (
	"os"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// written are the files that the command makes, with the flag of each.
func (o *outputFlags) written() map[string]string {
	out := map[string]string{}
	for _, output := range o.outputs {
		if d := parseDestination(output); d.path != "" {
			out[d.path] = "-o " + output
		}
	}
	if o.policy.writeBaseline != "" {
		out[o.policy.writeBaseline] = "--write-baseline " + o.policy.writeBaseline
	}
	return out
}

// protect refuses to write over a file that the command reads.
func (o *outputFlags) protect(inputs ...string) error {
	for path, flag := range o.written() {
		target, err := os.Stat(path)
		if err != nil || !target.Mode().IsRegular() {
			continue
		}
		for _, input := range inputs {
			if info, err := os.Stat(input); err == nil && os.SameFile(target, info) {
				return usagef("%s would overwrite %s, which is checked; name another file", flag, input)
			}
		}
	}
	return nil
}

// checked are the files of a picture that hold a configuration, an object or
// something broken. In folders others are read too, such as the last report.
func checked(s *snapshot.Snapshot) []string {
	var out []string
	for _, c := range s.Configs {
		out = append(out, c.Root.Location().File)
	}
	for _, d := range s.Documents {
		if len(d.Problems) > 0 || d.Root.Str("kind") != "" {
			out = append(out, d.File)
		}
	}
	return out
}
