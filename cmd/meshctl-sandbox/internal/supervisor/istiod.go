package supervisor

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/control"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/egress"
	"github.com/meshctl/meshctl/cmd/meshctl-sandbox/internal/kubelet"
)

// istiodBinary lies next to this one.
const istiodBinary = "meshctl-sandbox-istiod"

// gate is the egress proxy's resolver, which exists before the cluster does.
type gate struct {
	cluster atomic.Pointer[egress.Cluster]
}

func (g *gate) resolve(ctx context.Context, host string, port int) (string, error) {
	cluster := g.cluster.Load()
	if cluster == nil {
		return "", fmt.Errorf("the sandbox is still starting")
	}
	return cluster.Resolve(ctx, host, port)
}

// startEgress opens the way out of the API server; it must exist before it.
func (s *sandbox) startEgress(context.Context) error {
	log, err := os.OpenFile(filepath.Join(s.files.Logs, "egress.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the egress proxy's log: %w", err)
	}
	listener, err := net.Listen("unix", control.EgressSocket)
	if err != nil {
		return fmt.Errorf("listening on the egress socket: %w", err)
	}
	proxy := egress.Serve(listener, s.gate.resolve, log)
	s.addStop(running{name: "egress", stop: func(context.Context) error { proxy.Close(); return nil }})
	s.ready("egress", "unix:"+control.EgressSocket)
	return nil
}

// startPods starts the runner of istiod's pods and opens the gate to them.
func (s *sandbox) startPods(ctx context.Context) error {
	resolve := func(ip string, _ int) (string, error) {
		return "", fmt.Errorf("nothing runs at %s: the sandbox was started without istiod", ip)
	}
	if s.opts.Istiod {
		runner, err := s.startRunner(ctx)
		if err != nil {
			return err
		}
		resolve = runner.Resolve
	}
	background, cancel := context.WithCancel(context.Background())
	s.addStop(running{name: "services", stop: func(context.Context) error { cancel(); return nil }})
	address := s.listener.Addr().(*net.TCPAddr)
	cluster, err := egress.NewCluster(background, ctx, s.client, resolve, map[string]string{
		control.ServiceIP + ":443":                              address.String(),
		fmt.Sprintf("%s:%d", control.AdvertiseIP, address.Port): address.String(),
	})
	if err != nil {
		return err
	}
	s.gate.cluster.Store(cluster)
	return nil
}

func (s *sandbox) startRunner(ctx context.Context) (*kubelet.Runner, error) {
	binary, err := findIstiod()
	if err != nil {
		return nil, err
	}
	runner := kubelet.New(kubelet.Config{
		Client:   s.client,
		Selector: istiodLabel + "=" + istiodValue,
		Binary:   binary,
		Dir:      filepath.Join(s.opts.Dir, "pods"),
		Logs:     s.files.Logs,
		Server:   s.server,
		CA:       s.ca,
		Report:   s.report.Set,
		Forget:   s.report.Forget,
	})
	s.addStop(running{name: "istiod", stop: runner.Stop, kill: runner.Kill})
	return runner, runner.Start(ctx)
}

// findIstiod looks next to this binary.
func findIstiod() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this binary: %w", err)
	}
	path := filepath.Join(filepath.Dir(self), istiodBinary)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s belongs next to meshctl-sandbox; run `make build`, or use --istiod=false: %w", istiodBinary, err)
	}
	return path, nil
}
