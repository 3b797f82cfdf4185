// Package server is the HTTP face: routes, thin handlers, access and the one place where errors become answers.
//
// A handler parses into a plan noun, asks the atlas, the conflict engine or the store, and writes. Reads come from the
// atlas; every write goes through atlas.Change.
//
// Arrow: server -> {ogc, ingest, conflict, atlas, store} -> plan. No other package imports echo.
package server
