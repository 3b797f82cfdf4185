// Package geo holds coordinates and geometry: the only place that knows coordinate systems, axis orders, WKB, and how
// plane figures meet. Inside the house every geometry is a plan.Geometry in EPSG:3006 (x = easting, y = northing).
//
// The room is parted so:
//
//	crs*.go, transform.go, proj.go              names of coordinate systems, and the way into and out of the house
//	sweref.go, taylor.go                        the projections of SWEREF 99, and the polynomials that they are here
//	box.go, reading.go                          boxes of other systems; what strange coordinates look like
//	ewkb.go, ring.go                            the wire form that PostGIS takes; ring directions
//	area.go, overlap.go, length.go, distance.go measures: of one geometry, and of what two share, without an overlay
//	kernel.go, window.go, meeting.go,
//	crossing.go                                 what these stand on: which edges of two geometries meet and cross
//	triple.go                                   what three polygons share
//	orient.go, locate.go, predicate.go          exact predicates
//	prepared.go, grid.go                        one polygon that is asked many times
//	surface.go                                  a point inside, for labels and messages
//	validate.go, simple.go, fault.go            is it valid by OGC 06-103r4 section 6.1, and if not, where
//	oddity.go, repair.go                        what is valid and yet odd; a valid geometry for one that is not
//	geos.go                                     what needs a shape, and the verdict on what is not plainly valid: GEOS
//
// The arrow: geo imports plan and nothing else of ours; conflict, ingest, atlas, portray, ogc, store and server may
// import geo. go-geos and go-proj are imported here alone, and no panic of theirs leaves the package.
//
// Values of this package are safe to read from many goroutines; a Kernel is scratch memory and belongs to one.
//
// # Areas
//
// Conflicts ask for the area of an intersection, hardly ever for its shape, and that needs no overlay: by Green's
// theorem it is an integral along the stretches of each outline that lie inside the other, so that only the crossings of
// the two outlines are to be found. Shared borders and touching corners, where one can't say what crosses what, are
// settled by exact arithmetic on one of the polygons being moved by less than any distance (crossing.go); there is no
// tolerance and no case that is left to another method. Areas agree with exact rational arithmetic to 1e-9 of themselves;
// of slivers to a nanometre of the length of the borders, which is what coordinates of seven digits can tell.
package geo
