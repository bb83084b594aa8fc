package platform

import appsv1 "k8s.io/api/apps/v1"

// environment is the value of a variable in any container of an agent; "" if
// none has it.
func environment(d *appsv1.DaemonSet, name string) string {
	for _, c := range d.Spec.Template.Spec.Containers {
		for _, e := range c.Env {
			if e.Name == name {
				return e.Value
			}
		}
	}
	return ""
}
