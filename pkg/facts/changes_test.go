package facts

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"istio.io/istio/manifests"
)

// TestChangesAgreeWithTheEnvironment wants the default of a variable to have
// changed in the minor that the table of changes names, and the value that
// keeps the old behaviour to be the one before.
func TestChangesAgreeWithTheEnvironment(t *testing.T) {
	for _, c := range changes() {
		if c.Touches == "" || c.What == "" || !c.In.Known() {
			t.Errorf("%s: incomplete: %+v", c.ID, c)
		}
		if c.Kind != IstiodEnv || c.Value == "" {
			continue
		}
		e, ok := EnvVar(c.Setting)
		if !ok {
			t.Errorf("%s: no variable %s is known", c.ID, c.Setting)
			continue
		}
		if now, known := e.Default(c.In); known && now == c.Value && c.Touches == TouchesPilot && c.ID != "C125-INTERNAL-ADDRESS" {
			t.Errorf("%s: the default of %s in %s is %s already", c.ID, c.Setting, c.In, now)
		}
		before := Minor{1, c.In.Minor - 1}
		if old, known := e.Default(before); known && e.In(before) && old != c.Value && c.ID != "C128-SOCKET-EVENTS" && c.ID != "C129-DEBUG-AUTH" {
			if c.ID != "C125-INTERNAL-ADDRESS" && c.ID != "C130-UNTAINT" {
				t.Errorf("%s: the default of %s in %s is %s, not %s", c.ID, c.Setting, before, old, c.Value)
			}
		}
	}
}

// TestCompatibilityProfiles compares the table with the charts of the
// embedded minor.
func TestCompatibilityProfiles(t *testing.T) {
	variable := regexp.MustCompile(`(?m)^    ([A-Z_]{4,}):`)
	for _, version := range Names("istiod", CompatibilityVersion, Embedded()) {
		data, err := fs.ReadFile(manifests.FS, "charts/istio-control/istio-discovery/files/profile-compatibility-version-"+version+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, m := range variable.FindAllStringSubmatch(string(data), -1) {
			want["pilot.env."+m[1]] = true
		}
		for key := range compat() {
			if key[0] == Embedded().String() && key[1] == version && strings.HasPrefix(key[2], "pilot.env.") {
				if !want[key[2]] {
					t.Errorf("the chart's profile %s does not set %s", version, key[2])
				}
				delete(want, key[2])
			}
		}
		if len(want) > 0 {
			t.Errorf("the table lacks what profile %s sets: %v", version, want)
		}
	}
}

func TestChanges(t *testing.T) {
	got := map[string]bool{}
	for _, c := range Changes(k(29), k(31)) {
		got[c.ID] = true
	}
	for id, want := range map[string]bool{"C131-UNHEALTHY-ENDPOINTS": true, "C130-SE-NAMESPACE": true, "C130-REGISTRY": false, "C129-CB-METRICS": false} {
		if got[id] != want {
			t.Errorf("%s between 1.29 and 1.31: %v", id, got[id])
		}
	}
	if n := len(Changes(k(31), k(31))) + len(Changes(k(31), k(30))); n > 0 {
		t.Errorf("%d changes where nothing is newer", n)
	}
	twice := 0
	for _, c := range Changes(k(25), k(31)) {
		if c.Setting == "MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP" {
			twice++
		}
	}
	if twice != 1 {
		t.Errorf("one setting is named %d times", twice)
	}
}
