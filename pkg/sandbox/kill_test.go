//go:build unix

package sandbox

import (
	"bytes"
	"math/rand"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestClientKilled kills a client of the sandbox at random moments, from before
// the sandbox exists until after it is ready, and expects nothing to stay.
func TestClientKilled(t *testing.T) {
	mark := isolate(t)
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	const moments, longest = 10, 6 * time.Second
	for i := range moments {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
			// One moment in each tenth of the time, so that every phase is met.
			moment := longest*time.Duration(i)/moments + time.Duration(random.Int63n(int64(longest/moments)))
			killClient(t, mark, signal, moment)
		}
	}
}

func killClient(t *testing.T, mark string, signal syscall.Signal, after time.Duration) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	client := exec.Command(self)
	client.Env = append(os.Environ(), helperVariable+"=1")
	client.Stdout, client.Stderr = &output, &output
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := client.Process.Signal(signal); err != nil {
		t.Errorf("the client ended by itself: %s", output.String())
	}
	killed := time.Now()
	_ = client.Wait()
	expectNothing(t, mark, 10*time.Second)
	t.Logf("%s after %s: gone in %s", signal, after.Round(time.Millisecond), time.Since(killed).Round(time.Millisecond))
}
