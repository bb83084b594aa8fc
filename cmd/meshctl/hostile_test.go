package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostileFile tries to move a cursor, to end a comment, an element or a fence,
// to give a command to a runner and to mention somebody: in keys, values,
// comments and names, each beside secrets.
const hostileFile = `# @team ` + "\u202e" + `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {"nm\e[31m</b>": x}
spec:
  profil: "::error::x"
  "]]>\e]0;t\a": {token: s3cretA1b2}
  hub: "https://bob:s3cretHub1@\e[2J<script>.example.com"
  tag: "\u009b31m@team](http://x)"
  meshConfig:
    accessLogEncoding: "\n::stop-commands::x\r\n##[add-mask]"
    caCertificates:
    - pem: |
        -----BEGIN PRIVATE KEY-----
        s3cretPem0
        -----END PRIVATE KEY-----
    defaultConfig:
      proxyMetadata:
        X_TOKEN: 12345678
        A_PASSWORD: "s3cret\e[0mEsc"
    extensionProviders:
    - name: "` + "\u2066" + `</details><!--"
      opentelemetry:
        http: {headers: [{name: Authorization, value: Bearer s3cretBearer}]}
  components:
    pilot:
      k8s:
        env:
        - {name: PILOT_API_KEY, value: s3cretEnv0} # meshctl:ignore SEC009 -- ` + "\u202e" + ` ::error::s
        overlays:
        - {kind: Deployment, name: "istiod\e[5m", patches: [{path: spec.x, value: {password: s3cretPatch}}]}
  values:
    global:
      imagePullPolicy: "</details>` + "\u200b" + `|x|"
      imagePullSecrets: [{name: regcred, password: s3cretPull}]
    pilot:
      autoscaleEnabld: true # ` + "\u202e" + `::error::
      env: {"PILOT_\u200bx|y": "` + "```" + ` <img src=x>", PILOT_JWT: eyJhbGciOiJIUzI1NiJ9.s3cretJwt.s3cretSig}
`

// hostileName is a file whose name is hostile as well.
const hostileName = "h\u202e<b>`::x\x1b[2J.yaml"

var allFormats = []string{"text", "json", "sarif", "junit", "github", "gitlab", "markdown"}

// TestHostileFile runs the program on hostile files with every format and
// channel there is: reports, source lines, standard error, the diff, what a
// baseline keeps, and what is said when a file, a flag or a configuration
// cannot be read.
//
// What a reader of Markdown makes of such texts, pkg/writer tests with texts
// at random.
func TestHostileFile(t *testing.T) {
	quietLibraries()
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(hostileName, hostileFile)
	write("broken.yaml", "spec:\n  password: s3cret: s3cret\n  # \u202e\n")
	write("here.yaml", "spec:\n  privateKey: |\n    s3cret\n\ts3cret\u202e\n")
	write("values.yaml", "{\"pilot\": {\"a\\e[1mPassword\": \"s3cret\u202e\"")
	write("config.yaml", "fail-on: \"\\e[31ms\u202e\"\n\"\\e]0;x\\a\": 1\n")
	write("baseline.json", "{\"schemaVersion\":\"\\u001b[31m\u202e\"}")
	for _, args := range [][]string{
		append([]string{"validate", hostileName, "-v", "--platform", "eks", "--kubernetes-version", "1.34"}, outputs("all")...),
		append([]string{"validate", "-v", "broken.yaml", "here.yaml", "values.yaml"}, outputs("broken")...),
		append([]string{"validate", hostileName, "--fail-on", "info", "--ignore", "VAL001"}, outputs("ignored")...),
		append([]string{"validate", "-v", "-f", hostileName, "--set", "values.global.x\u202e\x1b[1m.password=s3cretSet"}, outputs("set")...),
		{"validate", hostileName, "--diff", "-v"},
		{"validate", hostileName, "--diff", "--color", "never", "-o", "json=diff.json"},
		{"validate", hostileName, "--write-baseline", "kept.json"},
		{"validate", "no\x1b[2Jsuch\u202e.yaml"},
		{"validate", hostileName, "--config", "config.yaml"},
		{"validate", hostileName, "--baseline", "baseline.json"},
		{"validate", hostileName, "--baseline", "kept.json", "-v", "-o", "text", "-o", "json=left.json"},
		{"validate", hostileName, "--platform", "x\x1b[1m\u202e"},
		{"validate", hostileName, "--select", "x\x1b[1m\u202e"},
		{"validate", hostileName, "--manifests", "no\x1b[1m\u202e"},
		{"validate", "-f", hostileName, "--set", "a.password[\x1b[1m\u202e=s3cretFlag"},
		{"validate", hostileName, "--fix", "-v", "-o", "text", "-o", "markdown=fixed.md"},
	} {
		got := meshctl(t, args...)
		harmless(t, strings.Join(args, " ")+": standard output", got.out)
		harmless(t, strings.Join(args, " ")+": standard error", got.stderr)
	}
	files, err := filepath.Glob("out.*")
	if err != nil || len(files) < len(allFormats) {
		t.Fatalf("reports %q: %v", files, err)
	}
	for _, name := range append(files, "kept.json", "diff.json", "left.json", "fixed.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		harmless(t, name, string(text))
	}
}

// outputs asks for text and for a file of every format.
func outputs(run string) []string {
	args := []string{"-o", "text"}
	for _, format := range allFormats {
		args = append(args, "-o", format+"=out."+run+"."+format)
	}
	return args
}

// command is a line that a runner would obey, but the one that meshctl means.
var command = regexp.MustCompile(`(?m)^\s*(::(stop-commands|add-mask|set-)|##\[)`)

func harmless(t *testing.T, what, text string) {
	t.Helper()
	bad := strings.IndexFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError)
	})
	if bad >= 0 {
		t.Errorf("%q holds %q", what, around(text, bad))
	}
	for _, secret := range []string{"s3cret", "12345678"} {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%q holds a secret: %q", what, around(text, at))
		}
	}
	if at := command.FindStringIndex(text); at != nil {
		t.Errorf("%q holds a command: %q", what, around(text, at[0]))
	}
	if strings.HasSuffix(what, ".junit") && regexp.MustCompile(`<(script|img|b|/b|x)\b`).MatchString(text) {
		t.Errorf("%q holds an element that is none of its own", what)
	}
}

func around(text string, at int) string { return text[max(0, at-60):min(len(text), at+60)] }
