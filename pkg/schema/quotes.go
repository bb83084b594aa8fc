package schema

import (
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	"github.com/meshctl/meshctl/pkg/secret"
)

// PutInQuotes says how a scalar becomes a string where it stands: --set knows
// no quotes.
func PutInQuotes(v *document.Value) string {
	if strings.HasPrefix(v.Location().File, secret.SetPrefix) {
		return "write it into a file, in quotes, because --set has none"
	}
	return "put it in quotes"
}
