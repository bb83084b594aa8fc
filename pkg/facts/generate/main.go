// Command generate renews the tables in pkg/facts/data for the newest Istio
// minor from the linked Istio module: from its types, charts and sources. It
// is run by make facts and is not part of meshctl.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/meshctl/meshctl/pkg/facts"
)

func main() {
	data := flag.String("data", "pkg/facts/data", "the folder with the tables")
	release := flag.String("minor", facts.Embedded().String(), "the minor that the linked module is")
	flag.Parse()
	if err := run(*data, *release); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(data, release string) error {
	istio, err := facts.ParseMinor(release)
	if err != nil {
		return err
	}
	m, err := linked()
	if err != nil {
		return err
	}
	tables, log, err := renew(data, m, istio)
	if err != nil {
		return err
	}
	for _, line := range log {
		fmt.Println(line)
	}
	fmt.Printf("%d rows changed for Istio %s\n", len(log), istio)
	for _, t := range tables {
		if err := os.WriteFile(t.file, t.bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
