// Package secret knows passwords, keys and tokens by the names of their keys
// and by their look, and masks them in texts.
package secret

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
)

// Class says what the name of a key tells about its value.
type Class uint8

// The classes of names.
const (
	Plain    Class = iota // no secret
	Token                 // a token, key or credential, unless the value is clearly none
	Password              // a secret whatever it is
)

// hint finds in a moment that most names are plain.
var hint = regexp.MustCompile(`(?i)pass|pwd|psk|secret|token|key|cred|authorization|cookie|docker|pat|auth`)

// ClassOf reads a key's name: the last word decides, so that a secretName, a
// tokenAudience or a SECRET_TTL is plain.
func ClassOf(name string) Class {
	words := split(name)
	if !hint.MatchString(name) {
		return misspelt(words)
	}
	// Words hold no digits, so b and base are what is left of B64 and base64.
	for len(words) > 1 && slices.Contains([]string{"value", "data", "pem", "b", "base", "string", "text", "plain"}, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) > 2 && words[len(words)-1] == "id" && words[len(words)-2] == "key" { // AWS's access key ID
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return Plain
	}
	before := ""
	if len(words) > 1 {
		before = words[len(words)-2]
	}
	if c := classOfWord(before, words[len(words)-1], name); c != Plain {
		return c
	}
	if c := joined(words); c != Plain {
		return c
	}
	return misspelt(words)
}

// misspelt finds a name such as pasword or tokne: what a user wrote wrong is
// what is printed about most.
func misspelt(words []string) Class {
	if len(words) == 0 {
		return Plain
	}
	last := strings.TrimSuffix(words[len(words)-1], "s")
	for _, w := range []struct {
		word  string
		class Class
		far   int
	}{{"password", Password, 2}, {"passwd", Password, 1}, {"secret", Token, 2}, {"token", Token, 1}, {"credential", Token, 2}} {
		// The first letter is hardly ever wrong, and most names have another.
		if last != "" && last != w.word && last[0] == w.word[0] && len(last) >= len(w.word)-w.far && len(last) <= len(w.word)+w.far && similar(last, w.word, w.far) {
			return w.class
		}
	}
	return Plain
}

// similar says whether two words differ by a few letters, or by two that
// changed places.
func similar(a, b string, far int) bool {
	d := levenshtein.Distance(a, b, nil)
	return d <= far || d == 2 && len(a) == len(b) && sorted(a) == sorted(b)
}

func sorted(s string) string {
	letters := []byte(s)
	slices.Sort(letters)
	return string(letters)
}

// The ends of names of secrets.
var (
	passwords = []string{"password", "passwd", "passphrase", "passcode"}
	tokens    = []string{"secret", "token", "credential"}
	// keys are what a key for, or of, is secret.
	keys = []string{
		"api", "access", "private", "secret", "signing", "encryption", "ca", "tls", "client", "server", "account", "shared", "auth", "ssh",
		"rsa", "master", "root",
	}
)

// joined finds a word that is cut in two by its letters' case or a dash, as
// passWord and PASS_WORD are, and keys that no case cuts, as sshkey is.
func joined(words []string) Class {
	last, all := words[len(words)-1], strings.Join(words, "")
	if !strings.HasSuffix(all, "secrets") {
		all = strings.TrimSuffix(all, "s")
	}
	across := func(end string) bool { return len(end) > len(last) && strings.HasSuffix(all, end) }
	switch {
	case slices.ContainsFunc(passwords, across):
		return Password
	case slices.ContainsFunc(tokens, across),
		slices.ContainsFunc(keys, func(of string) bool {
			return last == of+"key" || last == of+"keys" || len(of) > 4 && strings.HasSuffix(all, of+"key")
		}):
		return Token
	}
	return Plain
}

func classOfWord(before, last, name string) Class {
	if trimmed := strings.TrimSuffix(last, "s"); trimmed != last && !strings.HasSuffix(trimmed, "s") {
		if trimmed == "secret" { // a list of names, such as imagePullSecrets
			return Plain
		}
		last = trimmed
	}
	suffix := func(ends ...string) bool {
		return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(last, end) })
	}
	switch {
	case suffix(passwords...), last == "pass", last == "pwd":
		return Password
	case last == "secret" && slices.Contains([]string{"existing", "pull", "tls", "cert", "certificate", "registry", "image", "ca"}, before):
		return Plain // the name of a Secret
	case last == "key" && slices.Contains(keys, before), name == "keys", last == "psk",
		last == "key" && strings.HasSuffix(name, ".pem"):
		return Token
	case last == "pat" && before != "", last == "auth" && before != "" && name == strings.ToUpper(name): // GITHUB_PAT, NPM_AUTH
		return Token
	case suffix("secret", "token", "credential", "apikey", "accesskey", "privatekey", "secretkey"),
		slices.Contains([]string{"authorization", "cookie", "dockerconfigjson", "dockercfg"}, last):
		return Token
	}
	return Plain
}

// split cuts a name into its words, in lower case: apiKey, API_KEY and
// x-api-key all hold api and key. Numbers count for nothing.
func split(name string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
		}
		word = nil
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r):
			end()
			continue
		case i > 0 && unicode.IsUpper(r) && unicode.IsLower(runes[i-1]),
			i > 0 && i+1 < len(runes) && unicode.IsUpper(r) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1]):
			end()
		}
		word = append(word, r)
	}
	end()
	return words
}

var (
	// toggle matches what is a setting and no secret.
	toggle = regexp.MustCompile(`(?i)^(|true|false|yes|no|on|off|enabled?|disabled?|none|null|auto|optional|required|default|[*x]+)$`)
	// stand matches what another tool puts the secret into.
	stand = regexp.MustCompile(`^(\$\{[^}]*\}|\$\([^)]*\)|\{\{.*\}\}|<[^>]*>)$`)
	// amount matches a number or a duration too short for a secret.
	amount = regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]+)?(ms|s|m|h|d)?$`)
	// file matches an absolute path.
	file = regexp.MustCompile(`^(/[A-Za-z0-9][A-Za-z0-9._-]*){2,}$`)
)

// Holds says whether the value under a key of a class is a secret.
func (c Class) Holds(text string) bool {
	text = strings.TrimSpace(text)
	switch {
	case c == Plain || toggle.MatchString(text) || stand.MatchString(text):
		return false
	case c == Password:
		return true
	}
	return !amount.MatchString(text) && !file.MatchString(text)
}

// innocent are the keys below a secret's key that say where it is, not what.
var innocent = []string{
	"name", "path", "key", "audience", "aud", "type", "kind", "namespace", "mode", "provider", "user", "username",
	"optional", "seconds", "issuer", "ttl", "ref", "version", "group", "policy", "enabled", "format",
}

// Tells says whether a key below a secret's key may hold the secret.
func Tells(name string) bool {
	words := split(name)
	return len(words) == 0 || !slices.Contains(innocent, words[len(words)-1])
}
