// Package live holds the rules about an installation that was made.
package live

import "github.com/meshctl/meshctl/pkg/rule"

// All returns the rules of this family.
func All() []*rule.Rule {
	return []*rule.Rule{
		objectsAsRendered(), webhooksReady(), meshConfigDrift(), validationWorks(), injectionWorks(),
		meshConfigInEffect(), webhookCA(), rootCertificates(), rootEverywhere(),
		proxyVersions(), webhookEndpoints(), controlPlaneVersions(), proxiesInSync(), proxiesConnected(), gatewayEndpoints(),
		revisionsWork(), nodeAgents(), imageAuto(), istiodErrors(), signingCertificate(), mergeInEffect(),
		staleRecord(), tagsLead(),
	}
}
