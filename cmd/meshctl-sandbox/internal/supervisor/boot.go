package supervisor

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/kubernetes"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/control"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/fleet"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/pki"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/proto"
)

// The label that istiod's charts give its pods.
const istiodLabel, istiodValue = "app", "istiod"

// boot starts everything in order and returns what failed, if anything.
func (s *sandbox) boot(ctx context.Context) *failure {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	steps := []struct {
		name string
		run  func(context.Context) error
	}{
		{"etcd", s.startEtcd},
		{"egress", s.startEgress},
		{"kube-apiserver", s.startAPIServer},
		{"cluster", s.startCluster},
	}
	if err := control.StampVersion(); err != nil {
		return &failure{"supervisor", err}
	}
	if err := control.RedirectLogs(s.files, func() { s.giveUp("kube-apiserver") }); err != nil {
		return &failure{"supervisor", err}
	}
	for _, step := range steps {
		if err := step.run(ctx); err != nil {
			return s.firstFailure(step.name, err)
		}
	}
	return nil
}

// firstFailure prefers a component that broke down over the step that noticed.
func (s *sandbox) firstFailure(step string, err error) *failure {
	select {
	case f := <-s.failed:
		return &f
	default:
		return &failure{step, err}
	}
}

func (s *sandbox) startEtcd(ctx context.Context) error {
	s.progress("etcd", "starting")
	part, err := control.StartEtcd(ctx, s.files, func() { s.giveUp("etcd") })
	if err != nil {
		return err
	}
	s.add(part)
	s.ready("etcd", control.EtcdURL)
	return nil
}

func (s *sandbox) startAPIServer(ctx context.Context) error {
	s.progress("kube-apiserver", "starting")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := "https://" + listener.Addr().String()
	ca, err := s.issue(server)
	if err != nil {
		return err
	}
	s.ca, s.server, s.listener = ca, server, listener
	part, err := control.StartAPIServer(ctx, s.files, ca, listener)
	if part != nil {
		s.add(part)
	}
	if err != nil {
		return err
	}
	config, err := control.ClientConfig(s.files.Kubeconfig, "meshctl-sandbox")
	if err != nil {
		return err
	}
	if s.client, err = kubernetes.NewForConfig(config); err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	_ = s.report.Update(func(state *proto.State) { state.Server = server })
	s.ready("kube-apiserver", server)
	return nil
}

// issue makes every certificate, and the administrator's kubeconfig.
func (s *sandbox) issue(server string) (*pki.Authority, error) {
	ca, err := pki.NewAuthority(s.files.PKI)
	if err != nil {
		return nil, err
	}
	if err := ca.Key("service-accounts"); err != nil {
		return nil, err
	}
	if err := ca.Issue("apiserver", pki.Subject{
		Name:  "kube-apiserver",
		Names: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"},
		IPs:   []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(control.ServiceIP), net.ParseIP(control.AdvertiseIP)},
	}); err != nil {
		return nil, err
	}
	if err := ca.Issue("admin", pki.Subject{Name: "meshctl-sandbox-admin", Groups: []string{"system:masters"}}); err != nil {
		return nil, err
	}
	return ca, ca.WriteKubeconfig(s.files.Kubeconfig, server, "admin")
}

// startCluster starts everything that only needs the API server, side by side.
func (s *sandbox) startCluster(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return s.startPart("kube-controller-manager", func() (*control.Part, error) {
			return control.StartControllerManager(ctx, s.files, s.ca)
		})
	})
	group.Go(func() error {
		return s.startPart("kube-scheduler", func() (*control.Part, error) {
			return control.StartScheduler(ctx, s.files)
		})
	})
	group.Go(func() error { return s.blame("kwok", s.startNodes(ctx)) })
	group.Go(func() error { return s.blame("istiod", s.startPods(ctx)) })
	return group.Wait()
}

// blame notes which component failed, when several start side by side.
func (s *sandbox) blame(component string, err error) error {
	if err != nil {
		s.fail(component, err)
	}
	return err
}

// startPart starts a part that announces itself.
func (s *sandbox) startPart(name string, run func() (*control.Part, error)) error {
	s.progress(name, "starting")
	part, err := run()
	if part != nil {
		s.add(part)
	}
	if err != nil {
		return s.blame(name, err)
	}
	s.ready(name, "")
	return nil
}

// startNodes registers the nodes and starts KWOK, which makes them Ready.
func (s *sandbox) startNodes(ctx context.Context) error {
	s.progress("kwok", "starting")
	background, cancel := context.WithCancel(context.Background())
	s.addStop(running{name: "kwok", stop: func(context.Context) error { cancel(); return nil }})
	label, value := "", ""
	if s.opts.Istiod {
		label, value = istiodLabel, istiodValue
	}
	if err := fleet.CreateNodes(ctx, s.client, s.opts.Nodes); err != nil {
		return err
	}
	if err := fleet.StartKwok(background, s.files.Kubeconfig, filepath.Join(s.files.Logs, "kwok.log"), label, value); err != nil {
		return err
	}
	if err := fleet.WaitForNodes(ctx, s.client, s.opts.Nodes); err != nil {
		return err
	}
	s.ready("kwok", "")
	return nil
}

func (s *sandbox) progress(component, state string) {
	s.report.Set(proto.Component{Name: component, State: state, PID: os.Getpid()})
}

func (s *sandbox) ready(component, address string) {
	s.report.Set(proto.Component{
		Name: component, State: "ready", PID: os.Getpid(), Address: address,
		Log: filepath.Join(s.files.Logs, component+".log"),
	})
}
