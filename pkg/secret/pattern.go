package secret

import (
	"regexp"
	"strings"
)

// Mask stands for what is not shown.
const Mask = "***"

var (
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|$)`)
	address    = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)([^\s/:@"']*)(:?)([^\s/"']*)@`)
	scheme     = regexp.MustCompile(`(?i)\b(bearer|basic)(\s+)([A-Za-z0-9._~+/-]{6,}=*)`)
	// shaped matches tokens that are known by their look: JSON web tokens and
	// those of the common hosts.
	shaped = regexp.MustCompile(`\b(` + strings.Join(shapes, "|") + `)`)
	// hook matches addresses whose path is the secret.
	hook = regexp.MustCompile(`(?i)\b(hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/|[a-z0-9-]+\.webhook\.office\.com/)[^\s"'\\<>]+`)
	// query matches a signature, key or token in the query of an address.
	query = regexp.MustCompile(`(?i)([?&;](?:[a-z0-9_.-]*[_.-])?(?:sig|signature|key|apikey|accesskey|token|secret|password|credential|auth|code)=)[^\s"'\\&;#<>]+`)
	// quoted and bare match name="value", "name":"value" and name=value,
	// escaped as a message may have them.
	quoted = regexp.MustCompile(`([A-Za-z0-9_.-]+)(\\*["']?\s*[:=]\s*\\*["'])([^"'\\]+)`)
	bare   = regexp.MustCompile(`([A-Za-z0-9_.-]+)(=)([^\s"'\\,;&]+)`)
	// named matches {"name":"X_TOKEN","value":"…"}.
	named = regexp.MustCompile(`("(?:name|key)"\s*:\s*")([^"]*)("\s*,\s*"value"\s*:\s*")([^"]*)`)
)

// shapes are the forms of the tokens of common services.
var shapes = []string{
	`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?`, // JSON web tokens
	`gh[pousr]_[A-Za-z0-9]{20,}`, `github_pat_\w{20,}`,             // GitHub
	`gl(?:pat|ptt|rt|dt|ft|cbt|imt|soat|agent)-[\w-]{16,}`, // GitLab
	`xox[abeprs]-[\w-]{10,}`, `xapp-[\w-]{10,}`,            // Slack
	`A(?:KIA|SIA)[0-9A-Z]{16}`,           // AWS
	`AIza[\w-]{30,}`, `ya29\.[\w-]{20,}`, // Google
	`hv[sbr]\.[\w-]{8,}`,                                           // Vault
	`[sr]k_(?:live|test)_[A-Za-z0-9]{4,}`, `whsec_[A-Za-z0-9]{8,}`, // Stripe
	`npm_[A-Za-z0-9]{30,}`, `pypi-[\w-]{30,}`, `dckr_pat_[\w-]{16,}`, // package registries
	`sk-(?:proj-|ant-)?[A-Za-z0-9_-]{24,}`, `hf_[A-Za-z0-9]{24,}`, // model services
	`SG\.[\w-]{16,}\.[\w-]{16,}`, `dop_v1_[a-f0-9]{32,}`, `hca[il]k_\w{6,}`, // SendGrid, DigitalOcean, Honeycomb
	`AGE-SECRET-KEY-1[0-9A-Z]{20,}`, // age
}

// Text masks what shows by itself that it is a secret, in any text: private
// keys, passwords in addresses, authorization headers, tokens of known forms
// and assignments to names of secrets.
func Text(s string) string {
	s = privateKey.ReplaceAllString(s, Mask)
	s = address.ReplaceAllStringFunc(s, maskAddress)
	s = scheme.ReplaceAllStringFunc(s, func(m string) string {
		p := scheme.FindStringSubmatch(m)
		if !random(p[3]) {
			return m
		}
		return p[1] + p[2] + Mask
	})
	s = shaped.ReplaceAllString(s, Mask)
	s = hook.ReplaceAllString(s, "${1}"+Mask)
	s = query.ReplaceAllString(s, "${1}"+Mask)
	s = named.ReplaceAllStringFunc(s, func(m string) string {
		p := named.FindStringSubmatch(m)
		if !ClassOf(p[2]).Holds(p[4]) {
			return m
		}
		return p[1] + p[2] + p[3] + Mask
	})
	return assigned(assigned(s, quoted), bare)
}

func assigned(s string, form *regexp.Regexp) string {
	return form.ReplaceAllStringFunc(s, func(m string) string {
		p := form.FindStringSubmatch(m)
		// In a sentence keys are names: of the two keys: "a" and "b".
		if p[1] == "keys" || !ClassOf(p[1]).Holds(p[3]) {
			return m
		}
		return p[1] + p[2] + Mask
	})
}

// maskAddress keeps the user of user:password@host. A long user without a
// password is a token.
func maskAddress(m string) string {
	p := address.FindStringSubmatch(m)
	switch {
	case p[3] == ":" && p[4] != "" && !stand.MatchString(p[4]):
		return p[1] + p[2] + ":" + Mask + "@"
	case p[3] == "" && len(p[2]) >= 12:
		return p[1] + Mask + "@"
	}
	return m
}

// Shaped says whether a text is a token or key of a known form.
func Shaped(text string) bool {
	return shaped.MatchString(text) || strings.Contains(text, "PRIVATE KEY-----")
}

// Passwords returns the passwords in a text's addresses.
func Passwords(text string) []string {
	if !strings.Contains(text, "://") {
		return nil
	}
	var out []string
	for _, p := range address.FindAllStringSubmatch(text, -1) {
		if p[3] == ":" && !stand.MatchString(p[4]) {
			out = append(out, p[4])
		}
	}
	return out
}

// random tells a token from a word that follows "basic" in a sentence.
func random(s string) bool {
	return strings.ContainsAny(s, "0123456789=") || len(s) >= 20 || strings.ToLower(s[1:]) != s[1:]
}
