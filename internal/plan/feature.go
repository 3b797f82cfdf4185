package plan

import (
	"regexp"
	"strings"
)

// Feature is one version of one feature.
type Feature struct {
	ID       string
	Since    Revision // the revision that made this version; it is also its ETag
	Geometry Geometry // EPSG:3006; empty in a layer without geometry
	Values   []Value  // one an attribute, in the order of the layer's schema
}

// FeatureID is the pattern of feature ids: what survives in a URL path, in GML ids and in file names.
var FeatureID = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_.:\-]{0,127}$`)

// CompareIDs orders feature ids by length, then by bytes (shortlex), so that numeric ids come in numeric order.
// Every page in every protocol is cut from this order; in SQL it is ORDER BY octet_length(id), id COLLATE "C".
func CompareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
