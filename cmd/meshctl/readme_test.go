package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestReadme runs what README.md shows: commands behind a "$" must print the
// lines below them, other meshctl commands in code blocks must end well, and
// every command and make target that is named must exist.
func TestReadme(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	text := readme(t)
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "testdata", "readme"))
	ran := 0
	for i, block := range strings.Split(text, "```") {
		if i%2 == 1 {
			ran += runBlock(t, block)
		}
	}
	if ran < 2 {
		t.Errorf("only %d commands of the README were run", ran)
	}
	for _, m := range regexp.MustCompile("`meshctl ([a-z]+)").FindAllStringSubmatch(text, -1) {
		if cmd, _, err := newRoot(streams{}).Find([]string{m[1]}); err != nil || cmd.Name() != m[1] && !builtin(m[1]) {
			t.Errorf("README names a command %q that does not exist", m[1])
		}
	}
	for _, m := range regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)").FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(makefile) {
			t.Errorf("README names a make target %q that does not exist", m[1])
		}
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// readmeBlock is the rest of the README's code block that begins so.
func readmeBlock(t *testing.T, begin string) string {
	t.Helper()
	_, block, _ := strings.Cut(readme(t), "```"+begin)
	block, _, found := strings.Cut(block, "```")
	if !found {
		t.Fatalf("the README has no block that begins with %q", begin)
	}
	return block
}

// TestReadmeConfiguration runs with the configuration file that README.md
// shows.
func TestReadmeConfiguration(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	example := readmeBlock(t, "yaml\n# .meshctl.yaml\n")
	iop, err := os.ReadFile(filepath.Join(root, "testdata", "readme", "istio.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(filepath.Join("clusters", "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{".meshctl.yaml": example, "istio.yaml": string(iop), "clusters/dev/istio.yaml": string(iop)} {
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	meshctl(t, "validate", "istio.yaml", "--write-baseline", "meshctl-baseline.json").wants(t, exitOK)
	got := meshctl(t, "validate", "istio.yaml", "-o", "json")
	got.wants(t, exitOK)
	for _, want := range []string{`"kubernetes": "1.34"`, `"platform": "eks"`, `"kind": "baseline"`} {
		if !strings.Contains(got.out, want) {
			t.Errorf("no %s in the report:\n%s", want, got.out)
		}
	}
}

// TestReadmeSuppressions wants the comments that README.md shows to leave a
// finding out each.
func TestReadmeSuppressions(t *testing.T) {
	example := readmeBlock(t, "yaml\nspec:  # meshctl:ignore")
	file := writeFile(t, "istio.yaml", operator+"spec:  # meshctl:ignore"+example)
	got := meshctl(t, "validate", "--no-config", "--select", "IMG001,VAL008,SUP", file)
	got.wants(t, exitOK, "2 suppressed")
	if strings.Contains(got.out, "SUP") {
		t.Errorf("a comment of the README leaves nothing out:\n%s", got.out)
	}
}

// builtin commands are added by cobra when it runs.
func builtin(name string) bool { return name == "completion" }

func runBlock(t *testing.T, block string) int {
	t.Helper()
	ran := 0
	lines := strings.Split(block, "\n")
	for i, line := range lines {
		command, shown := strings.CutPrefix(line, "$ bin/meshctl ")
		if !shown {
			if command, shown = strings.CutPrefix(line, "meshctl "); shown {
				ran++
				meshctl(t, strings.Fields(command)...).wants(t, exitOK)
			}
			continue
		}
		ran++
		want := strings.Join(lines[i+1:], "\n")
		if next := strings.Index(want, "\n$ "); next >= 0 {
			want = want[:next+1]
		}
		if got := meshctl(t, strings.Fields(command)...); countless(got.out) != countless(want) {
			t.Errorf("%s prints\n%s\nthe README shows\n%s", line, got.out, want)
		}
	}
	return ran
}

// countless leaves out how many checks passed: it grows with every new rule.
func countless(text string) string {
	return regexp.MustCompile(`[0-9]+ checks passed`).ReplaceAllString(text, "N checks passed")
}

// shell is where a command line ends, for a comment or for another program.
var shell = regexp.MustCompile(`#| > |\||\)`)

// TestExamplesParse wants the command lines that the README and every --help
// show to be ones: the command exists, and takes these flags and that many
// arguments. Those that need no cluster are run as well, by TestReadme.
func TestExamplesParse(t *testing.T) {
	var lines []string
	for _, m := range regexp.MustCompile("`meshctl ([^`]*)`").FindAllStringSubmatch(readme(t), -1) {
		lines = append(lines, m[1])
	}
	shown := len(lines)
	var collect func(*cobra.Command)
	collect = func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			if _, command, found := strings.Cut(line, "meshctl "); found {
				lines = append(lines, command)
			}
		}
		for _, c := range cmd.Commands() {
			collect(c)
		}
	}
	collect(newRoot(streams{}))
	if shown < 15 || len(lines) < shown+15 {
		t.Errorf("only %d command lines, %d of them in the README", len(lines), shown)
	}
	for _, line := range lines {
		line = shell.Split(line, 2)[0]
		line = strings.NewReplacer("[", "", "]", "", "...", "").Replace(line)
		cmd, args, err := newRoot(streams{}).Find(strings.Fields(line))
		if err != nil || !cmd.HasParent() {
			if !builtin(strings.Fields(line)[0]) {
				t.Errorf("%q is no command: %v", line, err)
			}
			continue
		}
		if err := cmd.ParseFlags(args); err != nil {
			t.Errorf("%q: %v", line, err)
		} else if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil && !strings.Contains(line, "-f") {
			t.Errorf("%q: %v", line, err)
		}
	}
}
