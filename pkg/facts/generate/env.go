package main

import (
	"fmt"
	"strings"

	"github.com/meshctl/meshctl/pkg/facts"
)

// The columns of env.tsv.
const (
	envName = iota
	envProgram
	envFirst
	envRemoved
	envDefaults
)

// renewEnv brings the table of environment variables to a minor. A row that
// nothing registers lives as long as its name stands in the sources: some
// names are put together.
func renewEnv(t *table, s *sources, istio facts.Minor) []string {
	var log []string
	have := map[string]bool{}
	for _, row := range t.rows {
		name := row[envName]
		have[name] = true
		v, read := s.env[name]
		switch {
		case read || s.literals[name] || s.literals[flagName(name)]:
			log = append(log, refreshEnv(row, v, istio)...)
		case row[envRemoved] == "":
			row[envRemoved] = istio.String()
			log = append(log, "- env "+name)
		}
	}
	for name, v := range s.env {
		if !have[name] && v.registered && s.program(v) != "" {
			t.add(0, []string{name, s.program(v), istio.String(), "", defaultsFrom(istio, v.value)})
			log = append(log, "+ env "+name+" of "+s.program(v)+" in "+v.file)
		}
	}
	return log
}

func refreshEnv(row []string, v variable, istio facts.Minor) []string {
	var log []string
	if row[envRemoved] != "" && v.registered {
		row[envRemoved] = ""
		log = append(log, "~ env "+row[envName]+" is back")
	}
	known := lastDefault(row[envDefaults])
	if v.value == "" || v.value == known || known == "?" && v.value == "" {
		return log
	}
	row[envDefaults] = strings.TrimSpace(row[envDefaults] + " " + defaultsFrom(istio, v.value))
	return append(log, fmt.Sprintf("~ env %s defaults to %q, was %q", row[envName], v.value, known))
}

func defaultsFrom(istio facts.Minor, value string) string {
	if value == "" {
		return ""
	}
	return istio.String() + "=" + value
}

func lastDefault(defaults string) string {
	_, value, _ := strings.Cut(defaults[strings.LastIndex(defaults, " ")+1:], "=")
	return value
}

// flagName is the flag of istio-cni that a variable stands for.
func flagName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "-")) }
