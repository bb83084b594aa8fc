// Command meshctl-sandbox-istiod is istiod, unchanged, that ends when its
// standard input does. meshctl-sandbox runs one for every istiod pod.
//
// It is a binary of its own because Istio reads its environment while packages
// initialise, so every istiod needs a fresh process, and because that process
// would otherwise also initialise all of Kubernetes.
package main

import (
	"io"
	"os"

	"istio.io/istio/pilot/cmd/pilot-discovery/app"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/version"
)

// release is the Istio release that the module's version, a commit, stands for.
// The Makefile's linker flags override it.
const release = "1.31.0"

func main() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0) // whoever started us is gone, and so is the API server
	}()
	if version.Info.Version == "unknown" {
		version.Info.Version = release
		version.DockerInfo.Tag = release
	}
	log.EnableKlogWithCobra()
	if err := app.NewRootCommand().Execute(); err != nil {
		log.Error(err)
		os.Exit(1)
	}
}
