package meshconfig

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	meshapi "istio.io/api/mesh/v1alpha1"
)

// providerKind is the field of an extension provider that a kind such as
// zipkin is written in; nil where there is none.
func providerKind(name string) protoreflect.FieldDescriptor {
	kinds := (&meshapi.MeshConfig_ExtensionProvider{}).ProtoReflect().Descriptor().Oneofs().ByName("provider").Fields()
	if f := kinds.ByJSONName(name); f != nil {
		return f
	}
	return kinds.ByTextName(name)
}

// purposes are the kinds of providers that can do what a list of
// defaultProviders is for, by their proto names.
func purposes() map[string][]string {
	return map[string][]string{
		"tracing":       {"zipkin", "lightstep", "datadog", "stackdriver", "opencensus", "skywalking", "opentelemetry"},
		"metrics":       {"prometheus", "stackdriver"},
		"accessLogging": {"envoy_file_access_log", "envoy_http_als", "envoy_tcp_als", "envoy_otel_als", "stackdriver"},
	}
}

// builtIn are the providers that istiod has of its own, with their kinds.
func builtIn() map[string]string {
	return map[string]string{"prometheus": "prometheus", "stackdriver": "stackdriver", "envoy": "envoy_file_access_log"}
}

// serves says whether a kind, in either spelling, can do a purpose.
func serves(kind, purpose string) bool {
	f := providerKind(kind)
	return f != nil && slices.Contains(purposes()[purpose], string(f.Name()))
}
