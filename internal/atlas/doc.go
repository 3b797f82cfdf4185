// Package atlas is the picture of the whole region that each node keeps in memory and answers every read from.
//
// For every layer there is an immutable Snapshot: features, attributes and an rtree at a known revision. A View is the
// set of snapshots of one revision. Sync reads what has changed from the database, applies it copy-on-write to the
// builders, and publishes the next View by one atomic pointer; readers never lock and never see half a revision.
//
// Coordinates, attributes and ids lie in flat pages, not in one object a feature, so that the garbage collector has
// little to do and a polygon costs little more than its WKB.
//
// Arrow: atlas -> geo -> plan. It reads from a plan.Archive, which the store answers.
package atlas
