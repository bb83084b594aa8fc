package snapshot

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshctl/meshctl/pkg/finding"
)

// Manifest is one object that an installation consists of.
type Manifest struct {
	// Component is the istioctl component it belongs to: Base, Pilot, Cni,
	// Ztunnel, IngressGateways or EgressGateways.
	Component string
	Object    *unstructured.Unstructured
	// Config is the configuration that it was rendered from.
	Config *Config
}

// Key identifies an object across versions of its API.
type Key struct{ Group, Kind, Namespace, Name string }

// KeyOf returns the key of an object.
func KeyOf(o Object) Key {
	gvk := o.GetObjectKind().GroupVersionKind()
	return Key{gvk.Group, gvk.Kind, o.GetNamespace(), o.GetName()}
}

// String prints Kind/namespace/name, or Kind/name for cluster-wide objects. The
// Gateway of the Gateway API has its group too, as Istio has another kind of
// that name.
func (k Key) String() string {
	if k.Group == groupGateway && k.Kind == "Gateway" {
		k.Kind += "." + groupGateway
	}
	if k.Namespace == "" {
		return k.Kind + "/" + k.Name
	}
	return k.Kind + "/" + k.Namespace + "/" + k.Name
}

// Location makes a key usable as the place of a finding.
func (k Key) Location() finding.Location { return finding.Location{Object: k.String()} }

// Place is the place of a live object, with the path of a field in it.
func Place(o Object, path string) finding.Location {
	return finding.Location{Object: KeyOf(o).String(), Path: path}
}

// LiveObject is an object as the cluster holds it.
type LiveObject struct {
	// Object is nil where the cluster has none, or where it may not be read.
	Object *unstructured.Unstructured
	// Unknown says why the object could not be read; "" if it was.
	Unknown string
	// Ready is false where the object is not, or not yet, what its spec
	// asks for; Cause then says why, naming the pod and its last event.
	Ready bool
	Cause string
	// Drift lists the fields that a dry-run apply would change.
	Drift []FieldChange
	// DriftUnknown says why the dry run could not be made; "" if it was.
	DriftUnknown string
}

// ExistingObject is a rendered object that is in the cluster.
type ExistingObject struct {
	// Meta is nil where the object may not be read.
	Meta *metav1.PartialObjectMetadata
	// Unknown says why; "" if it was read.
	Unknown string
	// Orphan says that the Helm release whose marks it carries is no more.
	Orphan bool
}

// UnservedKind is a CRD by its name that does not serve a version.
type UnservedKind struct{ CRD, Version string }

// FieldChange is one field that differs between cluster and manifest. Values
// of Secrets are masked.
type FieldChange struct{ Path, Live, Want string }

// AccessAnswer is the API server's answer to "may I".
type AccessAnswer struct {
	Verb, Group, Resource, Namespace string
	Allowed                          bool
	// Reason is the authorizer's own, often empty.
	Reason string
	// Unknown says why the question could not be answered; "" if it was.
	Unknown string
}

// Probe is one request sent as a server-side dry-run, to see the control
// plane do its work.
type Probe struct {
	// Name is ValidationProbe or InjectionProbe.
	Name string
	// Namespace the request was sent to.
	Namespace string
	// Revision that was addressed; "" for the default one.
	Revision string
	// Denied holds the API server's refusal; "" if the request passed.
	Denied string
	// Object is what came back from an accepted request.
	Object *unstructured.Unstructured
	// For is the webhook configuration that is to be seen at work; zero where
	// the API server chooses.
	For Key
	// Failed says why the probe could not be sent; "" if it was.
	Failed string
}

// Unreached says whether the API server could not call the webhook of an
// istiod. Where it names somebody else's, the probe tells nothing about istiod.
func (p Probe) Unreached() bool {
	_, rest, failed := strings.Cut(p.Failed, "failed calling webhook \"")
	name, _, _ := strings.Cut(rest, "\"")
	return failed && ofIstio(name)
}

// Names of probes.
const (
	ValidationProbe = "validation"
	InjectionProbe  = "injection"
)
