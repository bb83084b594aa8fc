package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshctl/meshctl/pkg/facts"
)

const data = "../data"

func module1(t *testing.T) *module {
	t.Helper()
	m, err := linked()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTablesAreCurrent fails when the tables do not say what the linked
// module says, as they do after it was updated.
func TestTablesAreCurrent(t *testing.T) {
	tables, log, err := renew(data, module1(t), facts.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range log {
		t.Error(line)
	}
	for _, table := range tables {
		old, err := os.ReadFile(table.file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(old, table.bytes()) {
			t.Errorf("%s is not current: run make facts", filepath.Base(table.file))
		}
	}
}

// TestNextMinor takes the linked module for the next minor and the tables for
// those of another module: one with fields, variables and names that are gone
// now, and without some that are new.
func TestNextMinor(t *testing.T) {
	dir := t.TempDir()
	edit(t, dir, "values-fields.tsv", []string{
		"helm:istiod\tglobal.hub\t", "iop:values\tpilot.traceSampling\t", "mesh:MeshConfig\taccessLogFormat\t", "iop:spec\thub\t",
	}, "helm:cni\tvanished.one\t\tstring\t1.27\t\t\t\t", "mesh:ProxyConfig\tvanishedTwo\t\tstring\t1.20\t\t\t\t")
	edit(t, dir, "env.tsv", []string{"PILOT_DEBOUNCE_MAX\t"}, "VANISHED_VARIABLE\tistiod\t1.18\t\t")
	edit(t, dir, "values-profiles.tsv", []string{"istiod\tprofile\tdemo\t"}, "istiod\tprofile\tvanished\t1.30-1.31\t1.30.0\t1.31.0")
	edit(t, dir, "values-dead.tsv", nil)
	edit(t, dir, "compat-profiles.tsv", nil)
	next := facts.Minor{Major: 1, Minor: 32}
	tables, log, err := renew(dir, module1(t), next)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows changed", len(log))
	for file, rows := range map[string][]string{
		"values-fields.tsv": {
			"helm:istiod\tglobal.hub\t\tstring\t1.32\t\t\t\t", "iop:values\tpilot.traceSampling\t\tdouble\t1.32\t\t\t\t",
			"mesh:MeshConfig\taccessLogFormat\t\tstring\t1.32\t\t\t\t", "iop:spec\thub\t\tstring\t1.32\t\t\t\t",
			"helm:cni\tvanished.one\t\tstring\t1.27\t1.32\t\t\t", "mesh:ProxyConfig\tvanishedTwo\t\tstring\t1.20\t1.32\t\t\t",
			"helm:istiod\tglobal.tag\t\tstring\t1.18\t\t\t\t",
		},
		"env.tsv": {"PILOT_DEBOUNCE_MAX\tistiod\t1.32\t\t", "VANISHED_VARIABLE\tistiod\t1.18\t1.32\t"},
		"values-profiles.tsv": {
			"istiod\tprofile\tdemo\t1.32\t1.32.0\t1.32.0", "istiod\tprofile\tvanished\t1.30-1.31\t1.30.0\t1.31.0",
			"istiod\tprofile\tambient\t1.21-1.32\t1.21.0\t1.32.0",
		},
		"compat-profiles.tsv": {"1.32\t1.30\tpilot.env.PILOT_ENABLE_STRICT_GATEWAY_MERGING"},
	} {
		for _, row := range rows {
			if !has(tables, file, row) {
				t.Errorf("%s: no row %q", file, row)
			}
		}
	}
	if n := slices.IndexFunc(log, func(l string) bool {
		return strings.HasPrefix(l, "- ") && !strings.Contains(strings.ToLower(l), "vanished")
	}); n >= 0 {
		t.Errorf("something else vanished: %s", log[n])
	}
}

func has(tables []*table, file, row string) bool {
	for _, t := range tables {
		if filepath.Base(t.file) == file {
			return bytes.Contains(t.bytes(), []byte("\n"+row+"\n"))
		}
	}
	return false
}

// edit copies a table without the rows that begin with drop, and with others.
func edit(t *testing.T, dir, file string, drop []string, add ...string) {
	t.Helper()
	old, err := readTable(filepath.Join(data, file))
	if err != nil {
		t.Fatal(err)
	}
	before := len(old.rows)
	old.rows = slices.DeleteFunc(old.rows, func(row []string) bool {
		line := strings.Join(row, "\t")
		return slices.ContainsFunc(drop, func(d string) bool { return strings.HasPrefix(line, d) })
	})
	if before-len(old.rows) != len(drop) {
		t.Fatalf("%s: %d rows dropped, want %d", file, before-len(old.rows), len(drop))
	}
	for _, row := range add {
		old.add(1, strings.Split(row, "\t"))
	}
	if err := os.WriteFile(filepath.Join(dir, file), old.bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
