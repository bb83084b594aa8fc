package document

import (
	"encoding/base64"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// bareTag says that a ! stands alone before a scalar, which makes it a string
// whatever it looks like. The parser does not tell, so the text is looked at.
func (b *builder) bareTag(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Style&yaml.TaggedStyle != 0 || !b.bangs {
		return false
	}
	if b.lines == nil {
		b.lines = breakLines(string(b.part.text))
	}
	if n.Line < 1 || n.Line > len(b.lines) {
		return false
	}
	line := b.lines[n.Line-1]
	for at := byteOf(line, n.Column); at < len(line) && (line[at] == '!' || line[at] == '&' || blank(line[at])); at++ {
		word := at
		for at < len(line) && !blank(line[at]) {
			at++
		}
		if line[word:at] == "!" {
			return true
		}
	}
	return false
}

// binary decodes a scalar that is written in base64. Helm and istioctl refuse
// one that is not.
func (b *builder) binary(v *Value, n *yaml.Node) {
	if n.Style&yaml.TaggedStyle == 0 || n.ShortTag() != "!!binary" {
		return
	}
	text, err := base64.StdEncoding.DecodeString(n.Value)
	if err != nil {
		b.syntax(b.place(n), fmt.Sprintf("%q is not base64, as its tag !!binary says", n.Value))
		return
	}
	v.Text, v.Style, v.block = string(text), Quoted, nil
}
