package files

import (
	"fmt"
	"strings"

	names "k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// misnamed records the name of an object that the API server refuses.
func (b *batch) misnamed(k snapshot.Kind, o snapshot.Object, v *document.Value) {
	meta := v.Field("metadata")
	for _, field := range []string{"name", "generateName", "namespace"} {
		if fault := nameFault(k, field, meta.Str(field)); fault != "" {
			b.refuseName(k, o, meta.Field(field), fmt.Sprintf("metadata.%s is %q: %s", field, meta.Str(field), fault))
		}
	}
	if meta.Str("name") == "" && meta.Str("generateName") == "" {
		at := v
		if meta != nil {
			at = meta
		}
		b.refuseName(k, o, at, "metadata.name is missing")
	}
}

func (b *batch) refuseName(k snapshot.Kind, o snapshot.Object, v *document.Value, reason string) {
	at := v.Location()
	at.Object = snapshot.KeyOf(o).String()
	b.refused = append(b.refused, snapshot.RefusedValue{At: at, Kind: k.Kind, Name: o.GetName(), Reason: reason})
}

// wellNamed says whether the name of an object is one that every kind takes.
// Others are looked at again, with their places.
func wellNamed(r document.Raw) bool {
	space := r.Str("metadata", "namespace")
	return plainLabel(r.Str("metadata", "name")) && (space == "" || plainLabel(space))
}

// plainLabel says without a regular expression what nearly all names are.
func plainLabel(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || i == 0 || i == len(name)-1) {
			return false
		}
	}
	return name != "" && len(name) <= validation.DNS1123LabelMaxLength
}

// filledIn says whether a name looks like one that a tool writes before the
// object is applied: ${NAME}, $(NAME), <name>, @NAME@, or NAMESPACE for sed.
func filledIn(text string) bool {
	return strings.ContainsAny(text, "${}<>@%#[]()") || strings.Contains(text, "__") ||
		strings.ToUpper(text) == text && strings.ToLower(text) != text
}

// nameFault follows the API server. A Service may begin with a digit from
// Kubernetes 1.36 on.
func nameFault(k snapshot.Kind, field, text string) string {
	if text == "" || plainLabel(text) || filledIn(text) {
		return ""
	}
	var faults []string
	switch prefix := strings.TrimRight(text, "-"); {
	case field == "namespace" && k.Everywhere || k.Kind == "CertificateSigningRequest":
	case k.Group == "rbac.authorization.k8s.io" && field != "namespace":
		faults = names.IsPathSegmentName(text)
	case field == "generateName" && plainLabel(prefix):
	case field == "generateName":
		faults = validation.IsDNS1123Subdomain(prefix)
	case field == "namespace" || k.Group == "" && (k.Kind == "Service" || k.Kind == "Namespace"):
		faults = validation.IsDNS1123Label(text)
	default:
		faults = validation.IsDNS1123Subdomain(text)
	}
	if len(faults) == 0 {
		return ""
	}
	fault, _, _ := strings.Cut(faults[0], " (e.g.") // without its example and its expression
	return fault
}
