package platform

import (
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// argument is a flag that k3s or RKE2 was started with on a node, from its
// command line or its configuration file: both write them into an annotation.
// A flag without a value is "true".
func argument(n *corev1.Node, flag string) string {
	var args []string
	for _, key := range []string{"rke2.io/node-args", "k3s.io/node-args"} {
		if text, ok := n.Annotations[key]; ok && json.Unmarshal([]byte(text), &args) != nil {
			return ""
		}
	}
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, flag+"="); ok {
			return value
		}
		if arg != flag {
			continue
		}
		if i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			return args[i+1]
		}
		return "true"
	}
	return ""
}
