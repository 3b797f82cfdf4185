// Package conflict finds where claims on land meet existing interests: rules (data, ruleset.yaml) x the atlas's
// snapshots -> conflicts, measured exactly and split by municipality. It reads no database.
//
// The room is parted so:
//
//	ruleset.go                     the rules: read, checked all at once, the embedded default
//	partition.go, grid.go, split.go   which municipality a place, an area or a line lies in
//	measure.go                     how big one pair's conflict is, for every pair of geometry types
//	whatif.go, assessment.go       one drawn claim against every layer
//	join.go, block.go              one rule between two layers: all pairs
//	standing.go, engine.go         all rules between all layers, kept until a layer changes
//	find.go, summary.go            pages and sums of the standing conflicts
//
// The arrow: conflict -> atlas, geo -> plan.
package conflict
