//go:build unix

package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// helperVariable makes the test binary a client that starts a sandbox and then
// waits to be killed.
const helperVariable = "SANDBOX_TEST_CLIENT"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		os.Exit(client())
	}
	os.Exit(m.Run())
}

func client() int {
	s, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(s.Dir())
	time.Sleep(time.Hour)
	return 0
}

// isolate points this test at the built binary, and at a temporary directory of
// its own, whose name marks every process of its sandboxes.
func isolate(t *testing.T) (mark string) {
	t.Helper()
	binary := filepath.Join(moduleRoot(t), "bin", binaryName)
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("%v: run `make build` first", err)
	}
	t.Setenv(binaryVariable, binary)
	dir, err := os.MkdirTemp("", "sandbox-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	t.Cleanup(func() {
		expectNothing(t, dir, 10*time.Second)
		os.RemoveAll(dir)
	})
	return dir
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// expectNothing waits until no process names mark and the directory is empty.
func expectNothing(t *testing.T, mark string, limit time.Duration) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		left = processes(t, mark)
		entries, err := os.ReadDir(mark)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			left = append(left, "file "+e.Name())
		}
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind after %s:\n%s", limit, strings.Join(left, "\n"))
}

// processes lists the command lines that contain mark, each after its number.
func processes(t *testing.T, mark string) []string {
	t.Helper()
	var found []string
	if runtime.GOOS != "linux" {
		out, err := exec.Command("ps", "-axo", "pid=,args=").Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, mark) {
				found = append(found, strings.TrimSpace(line))
			}
		}
		return found
	}
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(data), mark) {
			found = append(found, filepath.Base(filepath.Dir(file))+" "+strings.ReplaceAll(string(data), "\x00", " "))
		}
	}
	return found
}

// alive says whether a process exists; a zombie that nobody reaped doesn't.
func alive(t *testing.T, mark string, pid int) bool {
	t.Helper()
	for _, p := range processes(t, mark) {
		if strings.HasPrefix(p, strconv.Itoa(pid)+" ") {
			return true
		}
	}
	return false
}

// start starts a sandbox that the test's end stops.
func start(t *testing.T, opts Options) *Sandbox {
	t.Helper()
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

// api is a client that knows nothing but a kubeconfig.
type api struct {
	server string
	http   *http.Client
}

func newAPI(t *testing.T, kubeconfig string) *api {
	t.Helper()
	text, err := os.ReadFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	field := func(name string) string {
		match := regexp.MustCompile(name + `: "?([^"\s]+)`).FindSubmatch(text)
		if match == nil {
			t.Fatalf("no %s in %s", name, kubeconfig)
		}
		return string(match[1])
	}
	decode := func(name string) []byte {
		data, err := base64.StdEncoding.DecodeString(field(name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	pair, err := tls.X509KeyPair(decode("client-certificate-data"), decode("client-key-data"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(decode("certificate-authority-data"))
	config := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}
	return &api{server: field("server"), http: &http.Client{Transport: &http.Transport{TLSClientConfig: config}}}
}

// do sends a request and returns the answer, which must be a 2xx.
func (a *api) do(t *testing.T, method, path, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, a.server+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := a.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s: %s", method, path, response.Status, data)
	}
	return string(data)
}

// eventually waits until what holds.
func eventually(t *testing.T, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}
