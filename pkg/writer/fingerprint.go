package writer

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/meshctl/meshctl/pkg/finding"
)

// fingerprints names each finding so that it is the same one in the next run,
// after lines have moved: by rule, cluster, file, object and path. A finding without a
// path is told apart by its message, and several of one rule at one path by
// their order.
func fingerprints(findings []finding.Finding) []string {
	seen := map[string]int{}
	out := make([]string, 0, len(findings))
	for _, f := range findings {
		parts := []string{f.Rule, slashed(f.At.File), f.At.Object, f.At.Path}
		if f.At.Path == "" {
			parts = append(parts, f.Message)
		}
		if f.At.Cluster != "" {
			parts = append(parts, "cluster", f.At.Cluster)
		}
		key := strings.Join(parts, "\x00")
		if seen[key]++; seen[key] > 1 {
			key += "\x00" + strconv.Itoa(seen[key])
		}
		sum := sha256.Sum256([]byte(key))
		out = append(out, hex.EncodeToString(sum[:16]))
	}
	return out
}
