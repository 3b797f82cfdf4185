// Package history tells what changed: between two states of a layer (feature by feature, field by field, hectare by
// hectare in each municipality), by a change that has not been made yet, and from revision to revision as a feed.
//
// The room is parted so:
//
//	difference.go   two states, or a state and a change -> what they do not share, in the order of ids
//	field.go        which values of a feature differ
//	summary.go      counts, areas and lengths, as a whole and in each municipality
//	document.go     the difference as JSON
//	trial.go        what a change that is not made would do
//	table.go        the difference as rows, for GeoJSON and the formats of GDAL
//
// The arrow: history -> atlas, division, ogc, geo -> plan.
package history
