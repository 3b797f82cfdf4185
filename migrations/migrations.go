// Package migrations carries the database schema, one SQL file a step, applied in the order of their numbers.
package migrations

import "embed"

// Files are the migrations, in goose's format.
//
//go:embed *.sql
var Files embed.FS
