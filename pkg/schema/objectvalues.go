package schema

import (
	"encoding/json"
	"math"
	"reflect"

	"google.golang.org/protobuf/reflect/protoreflect"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/meshctl/meshctl/pkg/document"
)

// gatewayEnum lists the values of the Gateway API's named string types.
func gatewayEnum(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[gateway.PathMatchType]():
		return []string{"Exact", "PathPrefix", "RegularExpression"}
	case reflect.TypeFor[gateway.HeaderMatchType](), reflect.TypeFor[gateway.QueryParamMatchType](),
		reflect.TypeFor[gateway.GRPCMethodMatchType](), reflect.TypeFor[gateway.GRPCHeaderMatchType]():
		return []string{"Exact", "RegularExpression"}
	case reflect.TypeFor[gateway.HTTPMethod]():
		return []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
	case reflect.TypeFor[gateway.HTTPPathModifierType]():
		return []string{"ReplaceFullPath", "ReplacePrefixMatch"}
	case reflect.TypeFor[gateway.HTTPRouteFilterType]():
		return []string{"RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "RequestRedirect", "URLRewrite", "ExtensionRef", "CORS", "ExternalAuth"}
	case reflect.TypeFor[gateway.GRPCRouteFilterType]():
		return []string{"ResponseHeaderModifier", "RequestHeaderModifier", "RequestMirror", "ExtensionRef"}
	case reflect.TypeFor[gateway.TLSModeType]():
		return []string{"Terminate", "Passthrough"}
	case reflect.TypeFor[gateway.FromNamespaces]():
		return []string{"All", "Selector", "Same", "None"}
	case reflect.TypeFor[gateway.SubjectAltNameType]():
		return []string{"Hostname", "URI"}
	case reflect.TypeFor[gateway.FrontendValidationModeType]():
		return []string{"AllowValidOnly", "AllowInsecureFallback"}
	case reflect.TypeFor[gateway.SessionPersistenceType]():
		return []string{"Cookie", "Header"}
	case reflect.TypeFor[gateway.CookieLifetimeType]():
		return []string{"Permanent", "Session"}
	}
	return nil
}

// plainForm says what a plain type takes.
func plainForm(out *document.Fields, t reflect.Type) {
	switch t.Kind() {
	case reflect.String:
		out.Form = document.Text
		if values := gatewayEnum(t); values != nil {
			named(out, values)
		} else if values := kubeEnums()[t]; values != nil {
			named(out, values)
			out.Named[""] = true // the default
		}
	case reflect.Bool:
		out.Form = document.Boolean
	case reflect.Float32, reflect.Float64:
		out.Form = document.Number
	case reflect.Int32:
		intForm(out, math.MinInt32, math.MaxInt32)
	case reflect.Uint32:
		intForm(out, 0, math.MaxUint32)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint64:
		out.Form = document.Integer
	}
}

// protoScalar says what a plain field of a message takes.
func protoScalar(out *document.Fields, kind protoreflect.Kind) {
	out.Lenient = true
	switch kind {
	case protoreflect.BoolKind:
		out.Form, out.Lenient = document.Boolean, false
	case protoreflect.StringKind, protoreflect.BytesKind:
		out.Form, out.Lenient = document.Text, false
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		out.Form = document.Number
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		intForm(out, math.MinInt32, math.MaxInt32)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		intForm(out, 0, math.MaxUint32)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		intForm(out, 0, math.MaxUint64)
	default:
		out.Form = document.Integer
	}
}

// knownForm says what the messages take that JSON has a form of its own for.
func knownForm(out *document.Fields, m protoreflect.MessageDescriptor) {
	switch m.Name() {
	case "Duration":
		out.Form = document.Duration
	case "Timestamp":
		out.Form = document.Text
	case "Struct":
		out.Form = document.Object
	case "ListValue":
		out.Form = document.Array
	case "BoolValue", "StringValue", "BytesValue", "DoubleValue", "FloatValue", "Int32Value", "Int64Value", "UInt32Value", "UInt64Value":
		protoScalar(out, m.Fields().ByName("value").Kind())
	}
}

func intForm(out *document.Fields, least, most float64) {
	out.Form, out.Least, out.Most = document.Integer, least, most
}

func named(out *document.Fields, values []string) {
	out.Form, out.Values, out.Named = document.Text, values, map[string]bool{}
	for _, v := range values {
		out.Named[v] = true
	}
}

// special asks the decoder of a type.
func special(out *document.Fields, t reflect.Type) {
	out.Form = document.Special
	out.Refuses = func(text []byte) error { return json.Unmarshal(text, reflect.New(t).Interface()) }
}
