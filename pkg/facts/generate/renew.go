package main

import (
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/manifests"
	"istio.io/istio/operator/pkg/apis"

	"github.com/meshctl/meshctl/pkg/facts"
)

// module is the linked Istio: its sources and what it embeds.
type module struct {
	istio, api string // folders
	manifests  fs.FS
	comments   comments
}

// linked finds the module that go.mod names.
func linked() (*module, error) {
	m := &module{manifests: manifests.FS, comments: comments{}}
	for path, dir := range map[string]*string{"istio.io/istio": &m.istio, "istio.io/api": &m.api} {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", path).Output()
		if err != nil {
			return nil, fmt.Errorf("looking for module %s: %w", path, err)
		}
		*dir = strings.TrimSpace(string(out))
	}
	for dir, pkg := range map[string]string{
		m.api + "/mesh/v1alpha1":       "istio.mesh.v1alpha1",
		m.api + "/networking/v1alpha3": "istio.networking.v1alpha3",
		m.api + "/networking/v1beta1":  "istio.networking.v1beta1",
		m.istio + "/operator/pkg/apis": specComments,
	} {
		if err := m.comments.load(filepath.FromSlash(dir), pkg); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// renew brings every table to a minor, in memory, and says what changed.
func renew(data string, m *module, istio facts.Minor) (tables []*table, log []string, err error) {
	open := map[string]*table{}
	for _, name := range []string{"values-fields", "env", "values-profiles", "compat-profiles", "values-dead"} {
		t, err := readTable(filepath.Join(data, name+".tsv"))
		if err != nil {
			return nil, nil, err
		}
		open[name], tables = t, append(tables, t)
	}
	evidences := map[facts.Surface]found{}
	for _, s := range surfaces() {
		if evidences[s], err = m.fields(s); err != nil {
			return nil, nil, err
		}
		log = append(log, renewFields(open["values-fields"], s, evidences[s], istio)...)
	}
	code, err := readSources(m.istio)
	if err != nil {
		return nil, nil, err
	}
	log = append(log, renewEnv(open["env"], code, istio)...)
	names, sets, err := bundled(m.manifests)
	if err != nil {
		return nil, nil, err
	}
	log = append(log, renewNames(open["values-profiles"], names, istio)...)
	log = append(log, renewCompat(open["compat-profiles"], sets, istio)...)
	read, err := readValues(m.manifests)
	if err != nil {
		return nil, nil, err
	}
	log = append(log, renewDead(open["values-dead"], evidences[facts.Values], read, istio)...)
	texts := describe(filepath.Join(data, "descriptions.tsv"), evidences, m.comments)
	return append(tables, texts), log, nil
}

func surfaces() []facts.Surface {
	out := []facts.Surface{facts.Spec, facts.Values, facts.MeshConfig, facts.ProxyConfig}
	for _, chart := range facts.Charts() {
		out = append(out, facts.Chart(chart))
	}
	return out
}

// fields gathers the evidence about one surface.
func (m *module) fields(s facts.Surface) (found, error) {
	out := found{}
	switch s {
	case facts.Spec:
		goFields(out, reflect.TypeFor[apis.IstioOperatorSpec](), "", m.comments)
	case facts.Values:
		m.proto(out, &apis.Values{}, false, "")
	case facts.MeshConfig:
		m.proto(out, &meshconfig.MeshConfig{}, true, "default_config")
	case facts.ProxyConfig:
		m.proto(out, &meshconfig.ProxyConfig{}, true, "")
	default:
		return m.chart(strings.TrimPrefix(string(s), "helm:"))
	}
	return out, nil
}

func (m *module) proto(out found, of protoreflect.ProtoMessage, jsonNames bool, skip string) {
	d := of.ProtoReflect().Descriptor()
	p := protoFields{out: out, jsonNames: jsonNames, pkg: d.ParentFile().Package(), skip: skip, comments: m.comments}
	p.walk(d, "", "", nil)
}

func (m *module) chart(name string) (found, error) {
	dir := chartDirs()[name]
	out, err := chartFields(m.manifests, dir)
	if err != nil {
		return nil, err
	}
	if exists(m.manifests, dir+"/templates/zzy_descope_legacy.yaml") {
		prefix := name
		if name == "istiod" {
			prefix = "pilot"
		}
		prefixed(out, prefix, sharedKeys())
	}
	return out, nil
}

// sharedKeys stand at the root of a chart's values because they are about
// more than the chart.
func sharedKeys() []string {
	return []string{
		"_original", "base", "compatibilityVersion", "defaults", defaultsKey, "experimental", "gatewayClasses", "gateways", "global",
		"istio_cni", "istiodRemote", "meshConfig", "ownerName", "platform", "profile", "revision", "revisionTags",
		"sidecarInjectorWebhook", "telemetry",
	}
}
