package values

// The fields of the objects that hold values, as their APIs have them.

func releaseFields() []string {
	return []string{
		"chart", "chartRef", "interval", "kubeConfig", "suspend", "releaseName", "targetNamespace", "storageNamespace", "dependsOn",
		"timeout", "maxHistory", "serviceAccountName", "persistentClient", "driftDetection", "install", "upgrade", "test", "rollback",
		"uninstall", "valuesFrom", "values", "postRenderers", "commonMetadata", "healthCheckExprs", "waitStrategy",
	}
}

func fluxChartFields() []string {
	return []string{"chart", "version", "sourceRef", "interval", "reconcileStrategy", "valuesFiles", "valuesFile", "ignoreMissingValuesFiles", "verify"}
}

func sourceFields() []string {
	return []string{"repoURL", "path", "targetRevision", "helm", "kustomize", "directory", "plugin", "chart", "ref", "name"}
}

func argoHelmFields() []string {
	return []string{
		"valueFiles", "parameters", "releaseName", "values", "fileParameters", "version", "passCredentials", "ignoreMissingValueFiles",
		"skipCrds", "skipTests", "skipSchemaValidation", "valuesObject", "kubeVersion", "apiVersions", "namespace",
	}
}

func cattleFields() []string {
	return []string{
		"chart", "version", "repo", "repoCA", "repoCAConfigMap", "targetNamespace", "createNamespace", "takeOwnership", "plainHTTP",
		"insecureSkipTLSVerify", "authSecret", "authPassCredentials", "dockerRegistrySecret", "bootstrap", "helmVersion", "jobImage",
		"backOffLimit", "timeout", "failurePolicy", "chartContent", "valuesContent", "valuesSecrets", "set", "podSecurityContext",
		"securityContext", "driver",
	}
}

func inflatorFields() []string {
	return []string{
		"name", "version", "repo", "releaseName", "namespace", "valuesFile", "additionalValuesFiles", "valuesInline", "valuesMerge",
		"includeCRDs", "skipHooks", "apiVersions", "kubeVersion", "nameTemplate", "skipTests", "debug", "devel",
	}
}

func helmfileFields() []string {
	return []string{
		"name", "namespace", "chart", "version", "values", "valuesTemplate", "secrets", "set", "setString", "setTemplate", "labels",
		"needs", "installed", "installedTemplate", "condition", "conditions", "kubeContext", "createNamespace", "wait", "waitForJobs",
		"timeout", "verify", "verifyArgs", "verifyTemplate", "atomic", "cleanupOnFail", "force", "recreatePods", "historyMax", "hooks",
		"directory", "keyring", "devel", "inherit", "transformers", "jsonPatches", "strategicMergePatches", "dependencies", "adopt",
		"missingFileHandler", "missingFileHandlerConfig", "disableValidation", "disableOpenAPIValidation", "disableValidationOnInstall",
		"skipDeps", "skipRefresh", "skipSchemaValidation", "postRenderer", "postRendererArgs", "postRendererHooks", "valuesPathPrefix",
		"plainHttp", "insecureSkipTLSVerify", "passCredentials", "cascade", "deleteWait", "deleteTimeout", "enableDNS", "reuseValues",
		"resetValues", "suppressDiff", "suppressOutputLineRegex", "syncArgs", "tags", "tillerless", "description", "forceGoTemplate",
		"env", "apiVersions", "kubeVersion", "trackMode", "trackTimeout", "trackLogs", "takeOwnership", "forceNamespace",
		"setStringTemplate", "namespaceTemplate", "chartTemplate", "unitTests", "nameTemplate", "versionTemplate",
	}
}
