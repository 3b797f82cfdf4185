// Package source gets the national datasets that the layers are made of: a catalogue, which is data, says where each is
// and how its columns become our attributes; a pull fetches it, keeps what lies in the county, and writes GeoJSON that
// goes the ordinary way into the layer, with the ordinary checks.
//
// What comes from outside is trusted with nothing: hosts, sizes, times and pages are bounded, and the files are opened
// by the fenced child process of package ingest alone.
package source
