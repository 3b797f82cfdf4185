// Package harvest pulls official sources into their layers: it has a source fetched and sifted (package source), makes
// the layer when it is not there, and gives the result to an upload job, which checks and writes it as it would any
// file. A pull waits in the database and outlives the process, as jobs do.
//
// Arrow: server -> harvest -> {source, jobs, ingest, atlas, store} -> plan.
package harvest
