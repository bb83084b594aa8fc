package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/util/protomarshal"
)

// tree is a mesh config as JSON.
type tree map[string]any

// unlike names the fields of a mesh config that an istiod does not work with.
// refused is why istiod would not take the text at all, as its own code says.
func unlike(text string, inEffect []byte) (fields []string, refused, err error) {
	var have tree
	if err := json.Unmarshal(inEffect, &have); err != nil {
		return nil, nil, fmt.Errorf("reading its mesh config: %w", err)
	}
	want, refused := loaded(text)
	named, err := asTree(text)
	if err != nil {
		return []string{"all of it"}, err, nil
	}
	if refused != nil {
		want = named // what was wanted, as far as it can be told
	}
	providersByName(named, want, have)
	return leaves("", named, want, have, refused != nil), refused, nil
}

func asTree(text string) (tree, error) {
	root := parse(text)
	if root == nil {
		return nil, errors.New("it is not valid YAML")
	}
	body, err := root.JSON()
	if err != nil {
		return nil, err
	}
	var out tree
	err = json.Unmarshal(body, &out)
	return out, err
}

// loaded is what istiod makes of a mesh config: its defaults with the text
// laid over them.
func loaded(text string) (tree, error) {
	config, err := mesh.ApplyMeshConfig(text, mesh.DefaultMeshConfig())
	if err != nil {
		return nil, err
	}
	body, err := protomarshal.Marshal(config)
	if err != nil {
		return nil, err
	}
	var out tree
	err = json.Unmarshal(body, &out)
	return out, err
}

// leaves compares the fields that are named, and no others: istiod fills in
// defaults, which differ between its versions.
func leaves(path string, named, want, have tree, rough bool) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(named)) {
		at := join(path, name)
		below, isMap := named[name].(map[string]any)
		w, h := field(want, name), field(have, name)
		switch {
		case isMap && h != nil:
			wm, _ := w.(map[string]any)
			hm, _ := h.(map[string]any)
			out = append(out, leaves(at, below, wm, hm, rough)...)
		case isMap && w != nil && len(below) > 0:
			out = append(out, at)
		case !isMap && !reflect.DeepEqual(w, h) && !(rough && same(w, h)):
			out = append(out, at)
		}
	}
	return out
}

// field takes a name as it stands, such as that of a variable in
// proxyMetadata, or as JSON has it.
func field(t tree, name string) any {
	if v, ok := t[name]; ok {
		return v
	}
	return t[jsonName(name)]
}

// same is lenient where the text was not decoded: a default is left out of
// what istiod shows, and numbers may be text.
func same(want, have any) bool {
	if have == nil {
		return want == nil || reflect.ValueOf(want).IsZero()
	}
	return fmt.Sprint(want) == fmt.Sprint(have)
}

// jsonName is a field's name as JSON has it; istiod takes proto names too.
func jsonName(name string) string {
	out, upper := []rune{}, false
	for _, r := range name {
		switch {
		case r == '_':
			upper = true
		case upper && 'a' <= r && r <= 'z':
			out, upper = append(out, r-'a'+'A'), false
		default:
			out, upper = append(out, r), false
		}
	}
	return string(out)
}

// providersByName turns the lists of extension providers into maps, because
// istiod lays them over its own by name.
func providersByName(trees ...tree) {
	for _, t := range trees {
		for _, field := range []string{"extensionProviders", "extension_providers"} {
			list, ok := t[field].([]any)
			if !ok {
				continue
			}
			byName := map[string]any{}
			for _, item := range list {
				m, _ := item.(map[string]any)
				byName[fmt.Sprint(m["name"])] = m
			}
			t[field] = byName
		}
	}
}
