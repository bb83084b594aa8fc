package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReportFollowsItsSchema checks the goldens of the JSON writer.
func TestReportFollowsItsSchema(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "report", "want.json"))
	if err != nil {
		t.Fatal(err)
	}
	follows(t, []byte(meshctl(t, "schema", "report").wants(t, exitOK).out), string(data))
	meshctl(t, "schema", "nonsense").wants(t, exitUsage)
}
