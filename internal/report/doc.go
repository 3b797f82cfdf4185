// Package report freezes answers: what was found, in which state, by which rules, from which sources. A frozen report
// never changes, and the same inputs give the same content and hash.
//
// The room is parted so:
//
//	desk.go, work.go     orders: checked, kept, made in the background, ended by time or by hand
//	freeze.go, draw.go   an order -> its content: figures, sources, rules, shapes and the borders of the map
//	canonical.go         figures rounded, the content in its one form, its hash
//	tables.go, file.go   the content as tables, for CSV, Excel and GeoPackage
//	page.go, section.go, grid.go, map.go  the content on paper: PDF; swedish.go its words
//
// The arrow: report -> conflict, atlas, store, export, geo -> plan.
package report
