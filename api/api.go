// Package api holds the contract of /api/v1. It is written first: the service serves it, holds every request against
// it, and a test holds every route against it.
package api

import _ "embed" // the contract

// Document is the contract: OpenAPI 3.0 in YAML. Every operation names in x-role the least role that it takes.
//
//go:embed openapi.yaml
var Document []byte
