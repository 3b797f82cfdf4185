// Package geo holds coordinates and geometry: the only place that knows coordinate systems, axis orders, WKB, and how
// plane figures meet. Inside the house every geometry is a plan.Geometry in EPSG:3006 (x = easting, y = northing).
//
// The room is parted so:
//
//	crs*.go, transform.go, sweref.go, proj.go   names of coordinate systems, and the way into and out of the house
//	box.go, reading.go                          boxes of other systems; what strange coordinates look like
//	ewkb.go, ring.go                            the wire form that PostGIS takes; ring directions
//	area.go, kernel.go, gather.go               areas, and areas of intersections without an overlay
//	prepared.go, locate.go, grid.go             one polygon that is asked many times
//	orient.go, predicate.go, crossing.go        exact orientation, and what is built on it
//	length.go, distance.go, surface.go          measures of lines, distances, a point inside
//	validate.go, simple.go, fault.go            is it valid by OGC 06-103r4 section 6.1, and if not, where
//	geos.go                                     what needs a shape: GEOS, fenced
//
// The arrow: geo imports plan and nothing else of ours; conflict, ingest, atlas, portray, ogc, store and server may
// import geo. go-geos and go-proj are imported here alone, and no panic of theirs leaves the package.
//
// Values of this package are safe to read from many goroutines; a Kernel is scratch memory and belongs to one.
package geo
