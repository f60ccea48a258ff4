package sandbox

import (
	_ "embed"
	"slices"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI returns the contract as YAML. The bytes are the caller's own.
func OpenAPI() []byte { return slices.Clone(openAPI) }
