package ingest

import "strukturbild/internal/plan"

// Options says what a file is read into and how.
type Options struct {
	// Layer is the layer that the features are for: its geometry type and schema are what they are checked against.
	Layer *plan.Layer
	// CRS names the coordinate system; "" takes the file's own word for it (ReadGeoJSON says what that is). In GeoJSON
	// the order is always x, y (easting, northing; longitude, latitude), whichever way the name is spelt.
	CRS           string
	IgnoreFileCRS bool // CRS holds, whatever the file says of its own
	Swapped       bool // the file has the northing or latitude first, against its format
	Columns       Columns
	Checks        Checks
	Limits        Limits
	Stored        plan.Stored // what the layer has already; nil to keep every feature of the file
	TempDir       string      // where a large batch lies; "" is the system's
	// Progress, if not nil, is told now and then how many features have been decoded. It must be quick.
	Progress func(features int)
}

// Limits bounds what one file may cost. A zero field stands for its default.
type Limits struct {
	MaxFeatures     int // features in a file; 5 000 000
	MaxVertices     int // vertices in a feature; 1 000 000
	MaxFeatureBytes int // bytes of a feature as it stands in the file; 64 MiB
	MaxFindings     int // faults, and notices of a kind, reported singly, and the rest as a number; 100
}

func (l Limits) orDefaults() Limits {
	orDefault := func(n, otherwise int) int {
		if n > 0 {
			return n
		}
		return otherwise
	}
	return Limits{
		MaxFeatures:     orDefault(l.MaxFeatures, 5_000_000),
		MaxVertices:     orDefault(l.MaxVertices, 1_000_000),
		MaxFeatureBytes: orDefault(l.MaxFeatureBytes, 64<<20),
		MaxFindings:     orDefault(l.MaxFindings, 100),
	}
}
