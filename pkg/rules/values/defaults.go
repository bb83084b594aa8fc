package values

import (
	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/finding"
)

// The charts' own defaults for what decides about the number and the size of
// pods, from their values.yaml; they have been the same since Istio 1.18.

func chartDefaults(fields map[string]any) *document.Value {
	return document.FromGo(fields, finding.Location{File: "default of the chart"})
}

func istiodDefaults() *document.Value {
	return chartDefaults(map[string]any{
		"autoscaleEnabled": true, "autoscaleMin": 1.0, "autoscaleMax": 5.0, "replicaCount": 1.0,
		"rollingMaxSurge": "100%", "rollingMaxUnavailable": "25%",
		"cpu":       map[string]any{"targetAverageUtilization": 80.0},
		"resources": map[string]any{"requests": amounts("500m", "2048Mi")},
		"pdb":       map[string]any{"minAvailable": 1.0},
	})
}

func gatewayDefaults() *document.Value {
	return chartDefaults(map[string]any{
		"autoscaleEnabled": true, "autoscaleMin": 1.0, "autoscaleMax": 5.0,
		"rollingMaxSurge": "100%", "rollingMaxUnavailable": "25%",
		"cpu":       map[string]any{"targetAverageUtilization": 80.0},
		"resources": proxyResources(),
	})
}

func proxyResources() map[string]any {
	return map[string]any{"requests": amounts("100m", "128Mi"), "limits": amounts("2000m", "1024Mi")}
}

func cniDefaults() *document.Value {
	return chartDefaults(map[string]any{"requests": amounts("100m", "100Mi")})
}

func ztunnelDefaults() *document.Value {
	return chartDefaults(map[string]any{"requests": amounts("200m", "512Mi")})
}

func amounts(cpu, memory string) map[string]any { return map[string]any{"cpu": cpu, "memory": memory} }
