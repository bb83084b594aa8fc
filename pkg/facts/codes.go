package facts

import _ "embed"

//go:embed data/codes.tsv
var codesTSV string

// Code is what istioctl or Kiali calls something that it reports.
type Code struct {
	// ID is IST and four digits for istioctl, KIA and four digits for Kiali.
	ID, Name string
	// Until is the last minor that has it; zero for one that still exists.
	Until Minor
	// WhyNot says why no rule is its equivalent; "" where one is.
	WhyNot string
}

// Codes lists the codes of istioctl since 1.18, and those of Kiali.
func Codes() []Code {
	var out []Code
	for c := range rows(codesTSV, 4) {
		until, _ := ParseMinor(c[2]) // zero for none
		out = append(out, Code{c[0], c[1], until, c[3]})
	}
	return out
}
