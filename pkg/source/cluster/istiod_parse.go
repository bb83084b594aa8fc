package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/meshctl/meshctl/pkg/snapshot"
)

// syncz is one entry of istiod's /debug/syncz.
type syncz struct {
	Proxy        string `json:"proxy"`
	IstioVersion string `json:"istio_version"`
	Resources    map[string]struct {
		Sent      string    `json:"sent"`
		Acked     string    `json:"acked"`
		SentTime  time.Time `json:"sentTime"`
		LastError string    `json:"lastError"`
	} `json:"resources"`
}

func parseProxies(body []byte) ([]snapshot.ProxyState, error) {
	var entries []syncz
	if err := json.Unmarshal(body, &entries); err != nil {
		return nil, fmt.Errorf("reading the list of proxies: %w", err)
	}
	out := make([]snapshot.ProxyState, 0, len(entries))
	for _, e := range entries {
		state := snapshot.ProxyState{ID: e.Proxy, Version: e.IstioVersion}
		for _, kind := range slices.Sorted(maps.Keys(e.Resources)) {
			r := e.Resources[kind]
			state.Resources = append(state.Resources, snapshot.XDS{Type: kind, Sent: r.Sent, Acked: r.Acked, SentAt: r.SentTime, Error: r.LastError})
		}
		out = append(out, state)
	}
	return out, nil
}

func parseMetrics(body []byte) ([]snapshot.Metric, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("reading metrics: %w", err)
	}
	var out []snapshot.Metric
	for _, name := range slices.Sorted(maps.Keys(families)) {
		for _, m := range families[name].GetMetric() {
			if value, ok := number(m); ok {
				out = append(out, snapshot.Metric{Name: name, Labels: labelsOf(m), Value: value})
			}
		}
	}
	return out, nil
}

func number(m *dto.Metric) (float64, bool) {
	switch {
	case m.Counter != nil:
		return m.Counter.GetValue(), true
	case m.Gauge != nil:
		return m.Gauge.GetValue(), true
	case m.Untyped != nil:
		return m.Untyped.GetValue(), true
	}
	return 0, false
}

func labelsOf(m *dto.Metric) map[string]string {
	out := map[string]string{}
	for _, l := range m.GetLabel() {
		out[l.GetName()] = l.GetValue()
	}
	return out
}
