package config

import _ "embed"

//go:embed schema.json
var schemaJSON []byte

// Schema returns the JSON Schema (draft 2020-12) of the configuration file.
func Schema() []byte { return append([]byte(nil), schemaJSON...) }
