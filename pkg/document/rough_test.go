package document

import (
	"strings"
	"testing"
)

// TestRough wants what stands around template expressions, at its place, and
// the expressions themselves where a value is one.
func TestRough(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"values", "a: {{ .x }}\nb: 1\n", "a={{ .x }} 1:4; b=1 2:4"},
		{"part of a value", "a: {{ .x | quote }}-ü{{ .y }}\nb: 1\n", "a={{ .x | quote }}-ü{{ .y }} 1:4; b=1 2:4"},
		{"control lines", "{{- if x }}\na: 1\n{{- else }}\na: 2\n{{- end }}\nb: 1\n", "a=1 2:4; b=1 6:4"},
		{"an empty value", "a:\n  {{- include \"x\" . | nindent 2 }}\nb:\nc: 1\n", "a={{- include \"x\" . | nindent 2 }} 1:1; b= 3:1; c=1 4:4"},
		{"a key", "{{ .k }}: 1\nb: {{ .x }}\n", "{{ .k }}=1 1:11; b={{ .x }} 2:4"},
		{"comments over lines", "{{/* a\n b: c\n*/}}\na: 1\n", "a=1 4:4"},
		{"jinja", "{% if x %}\na: 1\n{% endif %}\nb: {{ y }}\n", "a=1 2:4; b={{ y }} 4:4"},
		{"erb", "<% if x %>\na: <%= y %>\n<% end %>\n", "a=<%= y %> 2:4"},
		{"tokens", "a: @@X@@\nb: 1\n", "a=@@X@@ 1:4; b=1 2:4"},
		{"block strings stay", "a: {{ x }}\nb: |\n  {{ y }}\nc: 1\n", "a={{ x }} 1:4; b={{ y }} 2:4; c=1 4:4"},
		{"CRLF", "{{- if x }}\r\na: 1\r\n{{- end }}\r\n", "a=1 2:4"},
		{"second document", "x: 1\n---\n{{- if x }}\na: 1\n{{- end }}\n", "a=1 4:4"},
		{"not even then", "{{- if x }}\na: [\n{{- end }}\n", ""},
	} {
		docs := Parse("f", []byte(c.text))
		doc := docs[len(docs)-1]
		var got []string
		for _, f := range doc.Root.Fields() {
			got = append(got, f.Name()+"="+strings.TrimSpace(f.Text)+" "+strings.TrimPrefix(f.Location().String(), "f:"))
			if doc.Root.Field(f.Name()) != f {
				t.Errorf("%s: %s cannot be looked up", c.name, f.Name())
			}
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, text, c.want)
		}
		if len(doc.Problems) != 1 || doc.Problems[0].Kind != Template {
			t.Errorf("%s: problems %v", c.name, doc.Problems)
		}
	}
}

// TestRoughDuplicate wants a key that stands twice without an expression
// between.
func TestRoughDuplicate(t *testing.T) {
	doc := Parse("f", []byte("{{- if x }}\na: 1\na: 2\n{{- end }}\n"))[0]
	if len(doc.Problems) != 2 || doc.Problems[1].Kind != DuplicateKey || doc.Problems[1].At.Line != 3 {
		t.Errorf("%v", doc.Problems)
	}
}

func TestPlaceholder(t *testing.T) {
	for text, want := range map[string]string{
		"tag: ${TAG}": "${TAG}", "tag: $(TAG)": "$(TAG)", "tag: $TAG": "$TAG", "hub: $(REGISTRY)/istio": "$(REGISTRY)", "tag: __TAG__": "__TAG__",
		"x: '{{ .y }}'": "{{ .y }}", "x: <%= y %>": "<%= y %>", "x: '@@Y@@'": "@@Y@@", "x: '{% if y %}z{% endif %}'": "{% if y %}",
		"value: $(POD_IP)": "", "x: __address__": "", "x: '%REQ(:PATH)%'": "", "x: '${#a[@]}'": "", "password: $ecret": "", "x: a@b@c": "", "tag: 1.30.0": "",
	} {
		root := Parse("f", []byte(text))[0].Root
		if got := root.Fields()[0].Placeholder(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := Parse("f", []byte("env: {tag: $(TAG)}"))[0].Root.At("env", "tag").Placeholder(); got != "" {
		t.Errorf("env: %q; Kubernetes fills that in", got)
	}
}
