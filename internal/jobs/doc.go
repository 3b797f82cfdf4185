// Package jobs takes files into layers: it receives each into a directory of the node, makes a job of it in the
// database, and does the job, one a layer at a time, whatever becomes of the connection that brought the file.
//
// A file is on the disk, synchronised, before its job is in the database; and it is removed after the job's end is.
// So a node that dies in between finds at its start a file without a job, which it removes, or a job with its file,
// which it does again. The revision carries the job's idempotency key: one that was made already is found, not repeated.
//
// Arrow: server -> jobs -> {ingest, history, atlas, store} -> plan.
package jobs
