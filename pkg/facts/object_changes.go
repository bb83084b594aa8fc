package facts

// ObjectChange is a change that shows at objects in a cluster: a minor reads
// them in another way than the one before.
type ObjectChange struct {
	Change
	// Group, Version and Kind are those of the objects that it may concern.
	Group, Version, Kind string
}

// ObjectChanges lists what is different in one minor for objects that an older
// one was given. The conditions are the business of who looks at the objects.
func ObjectChanges(from, to Minor) []ObjectChange {
	var out []ObjectChange
	for _, c := range objectChanges() {
		if from.Before(c.In) && !to.Before(c.In) {
			out = append(out, c)
		}
	}
	return out
}

func objectChanges() []ObjectChange {
	const networking, telemetry, security = "networking.istio.io", "telemetry.istio.io", "security.istio.io"
	change := func(id string, in int, env, what string) Change {
		c := Change{ID: id, In: k(in), What: what}
		if env != "" {
			c.Kind, c.Setting, c.Value = IstiodEnv, env, "false"
		}
		return c
	}
	return []ObjectChange{
		{change("C122-NONE-TARGETPORT", 22, "ENABLE_RESOLUTION_NONE_TARGET_PORT", "ServiceEntries with resolution NONE obey targetPort, so their traffic goes to another port"), networking, "v1beta1", "ServiceEntry"},
		{change("C122-AMBIENT-WAYPOINT", 22, "", "waypoints no longer serve a service account; label namespaces or services istio.io/use-waypoint"), "gateway.networking.k8s.io", "v1beta1", "Gateway"},
		{change("C124-GATEWAY-NAME-LABEL", 24, "", "gateway pods no longer have the label istio.io/gateway-name; select by gateway.networking.k8s.io/gateway-name"), security, "v1beta1", "AuthorizationPolicy"},
		{change("C124-GATEWAY-NAME-LABEL", 24, "", "gateway pods no longer have the label istio.io/gateway-name; select by gateway.networking.k8s.io/gateway-name"), networking, "v1alpha3", "EnvoyFilter"},
		{change("C124-TELEMETRY-CEL", 24, "", "expressions know Envoy's attributes only; use filter_state.downstream_peer and xds.node instead"), telemetry, "v1alpha1", "Telemetry"},
		{change("C124-DESTINATIONRULE-MERGE", 24, "ENABLE_ENHANCED_DESTINATIONRULE_MERGE", "DestinationRules of one host and namespace with different exportTo are no longer merged"), networking, "v1beta1", "DestinationRule"},
		{change("C125-IP-AUTOALLOCATE", 25, "PILOT_ENABLE_IP_AUTOALLOCATE", "ServiceEntries without addresses get some in their status, which DNS proxying uses"), networking, "v1beta1", "ServiceEntry"},
		{change("C128-SHADOW-HOST", 28, "DISABLE_SHADOW_HOST_SUFFIX", "mirrored requests keep their host, without -shadow"), networking, "v1beta1", "VirtualService"},
		{change("C130-SE-NAMESPACE", 30, "PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE", "of ServiceEntries of several namespaces with one host the oldest wins"), networking, "v1beta1", "ServiceEntry"},
		{change("C131-WORKLOADENTRY-HBONE", 31, "", "auto-registered WorkloadEntries of before stay in plain text until they register anew or have the label networking.istio.io/tunnel=http"), networking, "v1beta1", "WorkloadEntry"},
	}
}
