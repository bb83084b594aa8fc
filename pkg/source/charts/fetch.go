package charts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	chartv2 "helm.sh/helm/v4/pkg/chart/v2"
)

// chartLayer is the media type of a chart's package in a registry.
const chartLayer = types.MediaType("application/vnd.cncf.helm.chart.content.v1.tar+gzip")

// download fetches a chart's package from a web server.
func (r Reader) download(ctx context.Context, url string) (*chartv2.Chart, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.New("it is no valid address") // the cause quotes parts of it
	}
	client := &http.Client{Transport: r.Transport, CheckRedirect: onlySecure}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %s", response.Status)
	}
	return unpack(response.Body)
}

// onlySecure follows no redirect to a place that nobody vouches for.
func onlySecure(to *http.Request, via []*http.Request) error {
	if to.URL.Scheme != "https" || len(via) > 5 {
		return fmt.Errorf("redirected to %s", shown(to.URL.String()))
	}
	return nil
}

// registry fetches a chart's package from an OCI registry, with the
// credentials that docker login keeps.
func (r Reader) registry(ctx context.Context, reference string) (*chartv2.Chart, error) {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return nil, err
	}
	image, err := remote.Image(ref, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithTransport(guarded{cmp.Or[http.RoundTripper](r.Transport, http.DefaultTransport)}))
	if err != nil {
		return nil, err
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, err
	}
	for _, layer := range layers {
		if kind, err := layer.MediaType(); err != nil || kind != chartLayer {
			continue
		}
		packed, err := layer.Compressed()
		if err != nil {
			return nil, err
		}
		defer packed.Close()
		return unpack(packed)
	}
	return nil, fmt.Errorf("%s holds no Helm chart", ref)
}
