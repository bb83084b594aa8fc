package facts

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed data/changes.tsv
var changesTSV string

//go:embed data/compat-profiles.tsv
var compatTSV string

// FirstChanges is the oldest minor whose changes the table holds.
func FirstChanges() Minor { return k(22) }

// Touches says which configurations a change is about.
type Touches string

// What changes touch.
const (
	TouchesPilot       Touches = "pilot" // every istiod
	TouchesMesh        Touches = "mesh"  // every mesh config
	TouchesCNI         Touches = "cni"
	TouchesAmbient     Touches = "ambient" // istio-cni in ambient mode
	TouchesHub         Touches = "hub"     // images without a hub
	TouchesTracing     Touches = "tracing" // tracing left to the default
	TouchesSelectors   Touches = "discovery-selectors"
	TouchesMemoryLimit Touches = "memory-limit" // of istiod
	TouchesExcludes    Touches = "excludes"     // excludeNamespaces of istio-cni in ambient mode
	TouchesTaint       Touches = "taint"
	TouchesBaseHelm    Touches = "base-helm"
	TouchesZtunnelHelm Touches = "ztunnel-helm"
)

// SettingKind says where the setting of a change is written.
type SettingKind string

// The kinds of settings.
const (
	IstiodEnv SettingKind = "env"    // environment of istiod
	CNIEnv    SettingKind = "cnienv" // environment of istio-cni
	ProxyMeta SettingKind = "meta"   // meshConfig.defaultConfig.proxyMetadata
	MeshField SettingKind = "mesh"   // a field of mesh config
	CNIValue  SettingKind = "cni"    // a value of chart cni
	HelmValue SettingKind = "helm"   // a value of the one chart that is touched
	Hub       SettingKind = "hub"
)

// Change is a default or a behaviour that another minor brought, as the
// upgrade notes of istio.io and the compatibility profiles of the charts say.
type Change struct {
	ID string
	// In is the minor that brought it, Until the one that took it back; zero
	// for none.
	In, Until Minor
	Touches   Touches
	// Kind and Setting name what decides about it; "" where nothing does.
	// Value is what keeps the old behaviour; "" where that depends.
	Kind           SettingKind
	Setting, Value string
	What           string
}

var changes = sync.OnceValue(func() []Change {
	var out []Change
	for c := range rows(changesTSV, 7) {
		kind, setting, _ := strings.Cut(c[4], ":")
		out = append(out, Change{
			ID: c[0], In: mustMinor(c[1]), Until: mustMinor(c[2]), Touches: Touches(c[3]),
			Kind: SettingKind(kind), Setting: setting, Value: c[5], What: c[6],
		})
	}
	return out
})

// Changes lists what is different in one minor for those who come from an
// older one. Of two changes of one setting the first counts.
func Changes(from, to Minor) []Change {
	var out []Change
	for _, c := range changes() {
		again := func(had Change) bool { return c.Setting != "" && had.Kind == c.Kind && had.Setting == c.Setting }
		if from.Before(c.In) && !to.Before(c.In) && (!c.Until.Known() || to.Before(c.Until)) && !slices.ContainsFunc(out, again) {
			out = append(out, c)
		}
	}
	return out
}

// Flips says whether a newer minor changes the default of a setting that has
// this value, so that who writes it may do so to keep it.
func Flips(kind SettingKind, setting, value string, after Minor) bool {
	return slices.ContainsFunc(changes(), func(c Change) bool {
		return c.Kind == kind && c.Setting == setting && c.Value == value && after.Before(c.In)
	})
}

var compat = sync.OnceValue(func() map[[3]string]bool {
	out := map[[3]string]bool{}
	for c := range rows(compatTSV, 3) {
		out[[3]string(c)] = true
	}
	return out
})

// Restores says whether compatibilityVersion, set to an older minor, keeps
// the old behaviour in a newer one.
func (c Change) Restores(to Minor, compatibility string) bool {
	for _, prefix := range map[SettingKind][]string{
		IstiodEnv: {"pilot.env."},
		ProxyMeta: {"meshConfig.defaultConfig.proxyMetadata."},
		MeshField: {"meshConfig."},
		CNIValue:  {"", "cni."},
	}[c.Kind] {
		if compat()[[3]string{to.String(), compatibility, prefix + c.Setting}] {
			return true
		}
	}
	return false
}
