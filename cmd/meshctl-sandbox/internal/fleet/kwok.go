package fleet

import (
	"context"
	"fmt"
	"os"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	heartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/config"
	"sigs.k8s.io/kwok/pkg/kwok/controllers"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/client"
)

// Kwok's own defaults, which its command sets and its library does not.
const (
	leaseSeconds = 40
	parallelism  = 4
)

// StartKwok runs KWOK's controllers until ctx is done. Pods for which
// podLabel=podValue holds are left alone; an empty label leaves none alone.
func StartKwok(ctx context.Context, kubeconfig, logFile, podLabel, podValue string) error {
	file, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening kwok's log: %w", err)
	}
	ctx = log.NewContext(ctx, log.NewLogger(file, log.LevelInfo))
	stages, err := loadStages(podLabel, podValue)
	if err != nil {
		return err
	}
	conf, err := kwokConfig(kubeconfig, stages)
	if err != nil {
		return err
	}
	controller, err := controllers.NewController(conf)
	if err != nil {
		return fmt.Errorf("making kwok's controller: %w", err)
	}
	if err := controller.Start(ctx); err != nil {
		return fmt.Errorf("starting kwok: %w", err)
	}
	return nil
}

type stageMap map[internalversion.StageResourceRef][]*internalversion.Stage

// kwokConfig is what kwok's command makes of its default flags.
func kwokConfig(kubeconfig string, stages stageMap) (controllers.Config, error) {
	none := controllers.Config{}
	clients, err := client.NewClientset("", kubeconfig)
	if err != nil {
		return none, fmt.Errorf("making kwok's clients: %w", err)
	}
	restConfig, err := clients.ToRESTConfig()
	if err != nil {
		return none, fmt.Errorf("reading %s: %w", kubeconfig, err)
	}
	restClient, err := rest.RESTClientFor(restConfig)
	if err != nil {
		return none, fmt.Errorf("making kwok's REST client: %w", err)
	}
	typed, err := kubernetes.NewForConfig(restConfig)
	if err != nil {
		return none, fmt.Errorf("making kwok's typed client: %w", err)
	}
	dynamic, err := clients.ToDynamicClient()
	if err != nil {
		return none, fmt.Errorf("making kwok's dynamic client: %w", err)
	}
	mapper, err := clients.ToRESTMapper()
	if err != nil {
		return none, fmt.Errorf("making kwok's REST mapper: %w", err)
	}
	return controllers.Config{
		Clock:                      clock.RealClock{},
		DynamicClient:              dynamic,
		RESTClient:                 restClient,
		RESTMapper:                 mapper,
		ImpersonatingDynamicClient: clients.ToImpersonatingDynamicClient(),
		ImpersonatingTypedClient:   clients.ToImpersonatingTypedClient(),
		TypedClient:                typed,
		ManageAllNodes:             true,
		CIDR:                       podCIDR(0),
		NodeIP:                     NodeIP(0),
		LocalStages:                stages,
		PodPlayStageParallelism:    parallelism,
		NodePlayStageParallelism:   parallelism,
		NodeLeaseParallelism:       parallelism,
		NodeLeaseDurationSeconds:   leaseSeconds,
		PodsOnNodeSyncParallelism:  parallelism,
		ID:                         "meshctl-sandbox",
	}, nil
}

// loadStages reads the life that KWOK's own fast stages give to nodes and pods.
func loadStages(podLabel, podValue string) (stageMap, error) {
	stages := stageMap{}
	for _, text := range []string{
		nodefast.DefaultNodeInit, heartbeat.DefaultNodeHeartbeatWithLease,
		podfast.DefaultPodReady, podfast.DefaultPodComplete, podfast.DefaultPodDelete,
	} {
		stage, err := config.UnmarshalWithType[*internalversion.Stage](text)
		if err != nil {
			return nil, fmt.Errorf("reading kwok's stages: %w", err)
		}
		if stage.Spec.ResourceRef.Kind == "Pod" && podLabel != "" {
			exclude(stage, podLabel, podValue)
		}
		stages[stage.Spec.ResourceRef] = append(stages[stage.Spec.ResourceRef], stage)
	}
	return stages, nil
}

// exclude keeps a stage from pods that carry a label.
func exclude(stage *internalversion.Stage, label, value string) {
	stage.Spec.Selector.MatchExpressions = append(stage.Spec.Selector.MatchExpressions, internalversion.MatchExpression{
		JQ: &internalversion.SelectorJQ{
			Key:      fmt.Sprintf(".metadata.labels[%q]", label),
			Operator: internalversion.SelectorOpNotIn,
			Values:   []string{value},
		},
	})
}
