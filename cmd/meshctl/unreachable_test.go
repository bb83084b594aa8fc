package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestUnreachable wants a sentence within seconds, for a server that refuses
// and for one that never answers.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, addr := range map[string]string{"silent": silent.Addr().String(), "refusing": closed.Addr().String()} {
		config := writeFile(t, "kubeconfig", `{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: "https://`+addr+`"}}], contexts: [{name: c, context: {cluster: c, user: u}}], users: [{name: u, user: {token: sesame}}]}`)
		commands := [][]string{{"precheck"}, {"install", "-y"}}
		if name == "refusing" {
			commands = append(commands, []string{"plan"}, []string{"verify"}, []string{"tag", "list"}, []string{"uninstall", "-y"})
		}
		for _, command := range commands {
			start := time.Now()
			r := meshctl(t, append(command, "--kubeconfig", config)...)
			r.wants(t, exitFailed, "cannot reach the API server at "+addr)
			if took := time.Since(start); took > 12*time.Second {
				t.Errorf("%s, %s server: %s", command[0], name, took)
			}
			if strings.Contains(r.out+r.stderr, "sesame") {
				t.Errorf("%s prints the token", command[0])
			}
		}
	}
}

// TestNoCluster wants to be told that nothing is configured, rather than that
// an address nobody chose does not answer.
func TestNoCluster(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "missing"))
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	meshctl(t, "precheck").wants(t, exitFailed, "no cluster is configured", "KUBECONFIG or --kubeconfig")
	meshctl(t, "precheck", "--kubeconfig", "missing.yaml").wants(t, exitFailed, "missing.yaml")
}
