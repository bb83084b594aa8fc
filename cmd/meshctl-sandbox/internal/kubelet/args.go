package kubelet

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

// listeners are istiod's flags that say where it listens, and what it takes when
// the pod doesn't say. An empty address switches the listener off.
var listeners = []struct{ flag, address string }{
	{"httpAddr", ":8080"},
	{"httpsAddr", ":15017"},
	{"grpcAddr", ":15010"},
	{"secureGRPCAddr", ":15012"},
	{"monitoringAddr", ":15014"},
}

// expandArgs are the container's arguments with $(VARIABLE) replaced.
func (w *worker) expandArgs(env environment) []string {
	args := make([]string, 0, len(w.main.Args))
	for _, arg := range w.main.Args {
		args = append(args, expansion.Expand(arg, expansion.MappingFuncFor(env)))
	}
	return args
}

// arguments adds flags that move every listener to 127.0.0.1 and a free port,
// and returns the map from the ports the pod asked for to the local ones. The
// last of two equal flags wins, so the pod's own stay visible in front.
func arguments(args []string, kubeconfig string) ([]string, map[int]int, error) {
	ports := map[int]int{}
	result := append([]string(nil), args...)
	for _, l := range listeners {
		address := flagValue(args, l.flag, l.address)
		if address == "" {
			continue
		}
		_, text, err := net.SplitHostPort(address)
		if err != nil {
			return nil, nil, fmt.Errorf("reading --%s: %w", l.flag, err)
		}
		wanted, err := strconv.Atoi(text)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the port of --%s: %w", l.flag, err)
		}
		local, err := freePort()
		if err != nil {
			return nil, nil, err
		}
		ports[wanted] = local
		result = append(result, fmt.Sprintf("--%s=127.0.0.1:%d", l.flag, local))
	}
	return append(result, "--kubeconfig="+kubeconfig, "--ctrlz_address=127.0.0.1", "--ctrlz_port=0"), ports, nil
}

// flagValue finds --name=value or --name value; the last one counts.
func flagValue(args []string, name, value string) string {
	for i, arg := range args {
		text, ok := strings.CutPrefix(arg, "--"+name)
		switch {
		case !ok:
		case strings.HasPrefix(text, "="):
			value = text[1:]
		case text == "" && i+1 < len(args):
			value = args[i+1]
		}
	}
	return value
}

// freePort asks the kernel for a port. Somebody could take it before istiod
// does; istiod then ends with an error and is restarted with another one.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
