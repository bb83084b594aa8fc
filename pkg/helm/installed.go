package helm

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/facts"
	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// Installed is a release of one of Istio's charts that a cluster holds.
type Installed struct {
	Release
	// Version is the chart's, such as 1.31.0, AppVersion what it installs.
	Version, AppVersion string
	Revision            int
	// Status is Helm's word: deployed, failed, pending-upgrade.
	Status string
}

// Releases lists the releases of Istio's charts in a namespace, "" for all, in
// the order of installation, each with its newest revision that is deployed,
// else its newest. The configurations hold the users' values. Releases that
// Helm keeps in ConfigMaps or in a database, as HELM_DRIVER may tell it to, are
// not found.
func (c *Client) Releases(ctx context.Context, namespace string) ([]Installed, error) {
	newest := map[string]Installed{}
	secrets := schema.GroupVersionKind{Version: "v1", Kind: "Secret"}
	err := c.kube.Each(ctx, secrets, namespace, "owner=helm,status notin (superseded,uninstalled)", func(o *unstructured.Unstructured) error {
		r, ok := read(o)
		if have, known := newest[r.String()]; ok && (!known || newer(r, have)) {
			newest[r.String()] = r
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading Helm's releases: %w", err)
	}
	out := make([]Installed, 0, len(newest))
	for _, r := range newest {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Installed) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Config.Chart), slices.Index(order, b.Config.Chart)), cmp.Compare(a.String(), b.String()))
	})
	return out, nil
}

func newer(a, b Installed) bool {
	if (a.Status == "deployed") != (b.Status == "deployed") {
		return a.Status == "deployed"
	}
	return a.Revision > b.Revision
}

// stored is what is needed of a release as Helm stores it.
type stored struct {
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Version   int            `json:"version"`
	Config    map[string]any `json:"config"`
	Info      struct {
		Status string `json:"status"`
	} `json:"info"`
	Chart struct {
		Metadata struct {
			Name       string   `json:"name"`
			Version    string   `json:"version"`
			AppVersion string   `json:"appVersion"`
			Sources    []string `json:"sources"`
		} `json:"metadata"`
	} `json:"chart"`
}

// read decodes a release; not ok where it is none of Istio's charts, or broken,
// which is for Helm to tell.
func read(o *unstructured.Unstructured) (Installed, bool) {
	text, _, _ := unstructured.NestedString(o.Object, "data", "release")
	data, err := unpack(text)
	if err != nil {
		return Installed{}, false
	}
	var s stored
	if json.Unmarshal(data, &s) != nil || !istio(s) {
		return Installed{}, false
	}
	meta := s.Chart.Metadata
	at := finding.Location{File: fmt.Sprintf("(values of Helm release %s/%s)", s.Namespace, s.Name)}
	c := &snapshot.Config{Chart: meta.Name, Root: document.FromGo(s.Config, at), ReleaseName: s.Name, ReleaseNamespace: s.Namespace}
	c.Istio, _ = facts.ParseMinor(meta.Version) // unknown where the chart says something else
	return Installed{Release{s.Name, s.Namespace, c}, meta.Version, meta.AppVersion, s.Version, s.Info.Status}, true
}

// istio tells Istio's charts from those of others with the same names.
func istio(s stored) bool {
	return slices.Contains(order, s.Chart.Metadata.Name) && slices.ContainsFunc(s.Chart.Metadata.Sources, func(url string) bool {
		return strings.Contains(url, "istio/istio")
	})
}

// unpack undoes what Helm does to fit a release into a Secret: JSON, packed,
// in base64, once more in base64 as every Secret.
func unpack(text string) ([]byte, error) {
	outer, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	inner, err := base64.StdEncoding.DecodeString(string(outer))
	if err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	packed, err := gzip.NewReader(bytes.NewReader(inner))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(packed, maxRelease))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	return data, nil
}

// maxRelease bounds what a release unpacks to. That of chart base has three
// megabytes.
const maxRelease = 64 << 20
