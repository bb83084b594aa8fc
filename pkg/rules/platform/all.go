// Package platform holds the rules about what a Kubernetes distribution
// needs from a configuration.
package platform

import "github.com/meshctl/meshctl/pkg/rule"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		kubenet(), cniNotUsed(), cniFolders(), ciliumSettings(), calicoSettings(), ciliumDeniesProbes(), securityGroupProbes(), pluginFolders(), gkeNetwork(), calicoLayer(),
		platformNotSet(), platformMismatch(), blockingSettings(), loadBalancers(), webhookFirewall(), agentsPlace(), defaultPodSecurity(), priorityQuota(), azureProbe(), managedMesh(),
		workloadAddress(), networkAddresses(),
	}
}
