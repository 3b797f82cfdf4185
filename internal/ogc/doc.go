// Package ogc holds wire formats and nothing else: it turns requests into plan.Query, and features and layers into
// documents. No SQL, no HTTP handlers, no atlas; package server brings the two together.
//
// The room is parted so:
//
//	geojson.go, number.go, items.go   the hot path: features as GeoJSON, streamed
//	gml.go, gmlfeature.go ...         features as GML, in three editions
//	query.go, parameter.go            query parameters -> plan.Query; every fault of a request at once
//	bbox.go, datetime.go, filter.go   single parameters
//	cql2*.go, fes*.go                 filters in CQL2 and in WFS's XML -> plan.Expression
//	element.go, gmlread.go, figure.go XML of strangers, and the geometries in it
//	cursor.go, link.go                paging and links
//	site.go, collection.go            landing page, conformance, collections
//	schema.go, xsd.go, api.go         what clients learn types and parameters from
//	html.go, templates/               the same documents for people
//
// The standards: OGC API - Features Part 1 (17-069r4), Part 2 (18-058r1), Part 3 (19-079r2), Part 4 (20-002), Part 5
// (23-058r1); CQL2 (21-065r2); FES 2.0 (09-026r2), Filter 1.1 (04-095) and 1.0 (02-059); GML; RFC 7946; RFC 8288.
package ogc
