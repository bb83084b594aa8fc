package helm

import "github.com/meshctl/meshctl/pkg/snapshot"

// NameOf is the name of the installed release that the values of a chart are
// for, "" where there is none or more than one: the release of the same chart,
// revision and gateway.
func NameOf(c *snapshot.Config, installed []Installed) string {
	name := ""
	for _, r := range installed {
		switch {
		case r.Config.Chart != c.Chart || r.Config.Revision() != c.Revision():
			continue
		case r.Name == c.Release():
			return r.Name
		case c.Chart == "gateway" && gatewayName(c) != "" && gatewayName(c) != gatewayName(r.Config):
			continue
		case name != "":
			return ""
		}
		name = r.Name
	}
	return name
}

// gatewayName is how a gateway's objects are called; "" where the values leave
// it to the name of a release that is not known yet.
func gatewayName(c *snapshot.Config) string {
	if name := c.Root.Str("name"); name != "" {
		return name
	}
	return c.ReleaseName
}
