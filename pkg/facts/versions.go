package facts

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Minor is a release line such as 1.31, of Istio or of Kubernetes. The zero
// value means "not known".
type Minor struct{ Major, Minor int }

// ParseMinor reads the release line of a version: "1.31", "v1.36.3",
// "1.31.0-distroless".
func ParseMinor(text string) (Minor, error) {
	parts := strings.SplitN(strings.TrimPrefix(text, "v"), ".", 3)
	if len(parts) < 2 {
		return Minor{}, fmt.Errorf("version %q has no minor, want for example 1.31", text)
	}
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return Minor{}, fmt.Errorf("version %q is not a number, want for example 1.31", text)
	}
	digits := strings.TrimRightFunc(parts[1], func(r rune) bool { return r < '0' || r > '9' })
	minor, err := strconv.Atoi(digits)
	if err != nil {
		return Minor{}, fmt.Errorf("version %q is not a number, want for example 1.31", text)
	}
	return Minor{major, minor}, nil
}

// Known says whether the minor is set.
func (m Minor) Known() bool { return m != Minor{} }

// Before says whether m is an older release line than other.
func (m Minor) Before(other Minor) bool {
	return m.Major < other.Major || m.Major == other.Major && m.Minor < other.Minor
}

// String prints 1.31, or "unknown".
func (m Minor) String() string {
	if !m.Known() {
		return "unknown"
	}
	return fmt.Sprintf("%d.%d", m.Major, m.Minor)
}

// The release that this build embeds charts and types of. The hub is the one
// that Istio 1.31's upgrade notes name after the move away from
// registry.istio.io.
const (
	EmbeddedRelease = "1.31.0"
	ReleaseHub      = "docker.io/istio"
)

// Embedded is the minor of EmbeddedRelease.
func Embedded() Minor { return Minor{1, 31} }

// EmbeddedKubernetes is the minor of Kubernetes' types in this build.
func EmbeddedKubernetes() Minor { return Minor{1, 37} }

// NothingRuns stands in place of the version that runs today where nothing
// does yet.
const NothingRuns = "none"

// Release is what is known about one Istio minor.
type Release struct {
	Istio Minor
	// Kubernetes is the supported range, both ends included, of the
	// "supported releases" page of istio.io.
	KubernetesFrom, KubernetesTo Minor
	// Minimum is the oldest Kubernetes that this minor's istioctl accepts;
	// it is compiled into istioctl as k8sversion.MinK8SVersion.
	Minimum Minor
	// EndOfLife is zero where no date is published. Expected marks a date
	// that the project announced but that may move.
	EndOfLife time.Time
	Expected  bool
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func k(minor int) Minor { return Minor{1, minor} }

// Releases lists the minors that validate knows, oldest first. Sources: the
// supported-releases page of istio.io and k8sversion.MinK8SVersion of each
// minor's newest patch.
func Releases() []Release {
	return []Release{
		{k(18), k(24), k(27), k(24), date(2024, 1, 4), false},
		{k(19), k(25), k(28), k(25), date(2024, 4, 24), false},
		{k(20), k(25), k(29), k(25), date(2024, 6, 25), false},
		{k(21), k(26), k(29), k(26), date(2024, 9, 27), false},
		{k(22), k(27), k(30), k(26), date(2025, 1, 22), false},
		{k(23), k(27), k(30), k(26), date(2025, 4, 16), false},
		{k(24), k(28), k(31), k(28), date(2025, 6, 24), false},
		{k(25), k(29), k(32), k(29), date(2025, 9, 30), false},
		{k(26), k(29), k(33), k(29), date(2025, 12, 22), false},
		{k(27), k(29), k(33), k(29), date(2026, 4, 7), false},
		{k(28), k(30), k(34), k(30), date(2026, 7, 1), false},
		{k(29), k(31), k(35), k(30), date(2026, 8, 31), true},
		{k(30), k(32), k(36), k(32), date(2026, 11, 30), true},
		{k(31), k(32), k(36), k(32), time.Time{}, false},
	}
}

// ReleaseOf looks up one minor.
func ReleaseOf(istio Minor) (Release, bool) {
	for _, r := range Releases() {
		if r.Istio == istio {
			return r, true
		}
	}
	return Release{}, false
}
