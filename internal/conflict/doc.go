// Package conflict finds where claims on land meet existing interests: rules (data, ruleset.yaml) x the atlas's
// snapshots -> conflicts, measured exactly and split by municipality. It reads no database.
//
// The room is parted so:
//
//	ruleset.go, ruleset.yaml     the rules: read and written, the embedded default
//	check.go, check_matrix.go    all their faults at once; matrix_csv.go the matrix as a table
//	expression.go, numeric.go, condition.go  expressions: compiled, with bounds and unknown values
//	rule.go, compile.go, asking.go  a rule and a ruleset compiled; a rule being asked of features
//	rulebook.go, difference.go, preview.go  which version counts; what another says, and what it would change
//	why.go, buffer.go            what made a conflict and what would clear it; how much lies within a distance
//	measure.go                   how big the conflict of one pair is, for every pair of geometry types
//	split.go                     how it divides among municipalities (package division knows these)
//	worker.go, join.go, block.go one figure against a layer; two layers; what came of it, ranked and summed
//	ranking.go, summary.go       blocks as one ranked list, and their sums
//	whatif.go, assessment.go     the answer about a drawn claim
//	standing.go, find.go, cursor.go  all conflicts of a view, filtered, in pages
//	comparison.go, comparison_find.go  what has become of them in another view, or by other rules
//	engine.go                    keeps standing conflicts until a layer changes, and computes what is missing
//	renew.go                     from the blocks of an earlier revision, when little has changed since
//
// The arrow: conflict -> atlas, division, geo -> plan.
package conflict
