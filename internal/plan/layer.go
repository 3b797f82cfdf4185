package plan

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// GeometryType is the one geometry type of a layer. Lines, polygons and points are kept as multi; None is a table.
type GeometryType string

// The geometry types.
const (
	Point   GeometryType = "point"
	Line    GeometryType = "line"
	Polygon GeometryType = "polygon"
	None    GeometryType = "none"
)

// Theme is the planning interest that a layer stands for; rules name themes or layers.
type Theme string

// The themes (domain matrix of claims and interests; Administrative carries the region's own division).
const (
	Wind           Theme = "wind"
	Agriculture    Theme = "agriculture"
	Forest         Theme = "forest"
	Infrastructure Theme = "infrastructure"
	Settlement     Theme = "settlement"
	Nature         Theme = "nature"
	Culture        Theme = "culture"
	Defence        Theme = "defence"
	Water          Theme = "water"
	Structure      Theme = "structure" // of strukturbilder: a picture of what is wanted, which takes no part in conflicts
	Administrative Theme = "administrative"
)

// Themes lists every theme, in the order in which reports name them.
var Themes = []Theme{Wind, Agriculture, Forest, Infrastructure, Settlement, Nature, Culture, Defence, Water, Structure, Administrative}

// IsInterest reports whether layers of the theme take part in conflicts.
func (t Theme) IsInterest() bool { return t != Administrative && t != Structure }

// Status says who may see a layer: a draft needs a token, a published layer is open.
type Status string

// The layer statuses.
const (
	Draft     Status = "draft"
	Published Status = "published"
)

// Layer describes one layer: a set of features of one geometry type and one schema.
type Layer struct {
	ID           string       `json:"id"`
	Theme        Theme        `json:"theme"`
	Title        Text         `json:"title"`
	Description  Text         `json:"description"`
	GeometryType GeometryType `json:"geometry_type"`
	Attributes   []Attribute  `json:"attributes"`
	Source       string       `json:"source"`
	Licence      string       `json:"licence"`
	Status       Status       `json:"status"`
	Owner        string       `json:"owner"`
	Synthetic    bool         `json:"synthetic"` // made-up data for demonstration
	BuiltIn      bool         `json:"built_in"`  // can't be deleted
	Tiling       bool         `json:"tiling"`    // features may not overlap; polygons only
	// SliverWidthM is the mean width, in metres, under which an area is called a sliver; 0 stands for SliverWidth.
	SliverWidthM float64 `json:"sliver_width_m,omitempty"`
	// Strukturbild is the one that the layer belongs to; Frozen: its features don't change any more. Both are set by the
	// steps of the strukturbild alone.
	Strukturbild string `json:"strukturbild,omitempty"`
	Frozen       bool   `json:"frozen,omitempty"`
	Metadata

	Revision Revision  `json:"revision"` // the last revision that changed the layer or its features
	NextID   int64     `json:"-"`        // the next id that the service gives: never one that was used before
	Changed  time.Time `json:"changed"`
}

// Named is the pattern of layer and attribute names.
var Named = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// MaxName is the longest layer or attribute name: PostgreSQL's limit for identifiers.
const MaxName = 63

// reserved attribute names would collide with the members that the wire formats put beside the attributes.
var reserved = []string{"id", "fid", "gml_id", "geom", "geometry", "type"}

// Validate reports every fault of the definition at once, as one Invalid error with a finding a fault.
func (l *Layer) Validate() error {
	var faults []Finding
	fault := func(pointer, format string, args ...any) {
		sentence := fmt.Sprintf(format, args...)
		faults = append(faults, Finding{Feature: -1, Rule: "layer_definition", Pointer: pointer, Message: Text{SV: sentence, EN: sentence}})
	}
	if !Named.MatchString(l.ID) || len(l.ID) > MaxName {
		fault("/id", "layer id %q must match %s and have at most %d characters", l.ID, Named, MaxName)
	}
	if !slices.Contains(Themes, l.Theme) {
		fault("/theme", "theme %q is not one of %v", l.Theme, Themes)
	}
	if !slices.Contains([]GeometryType{Point, Line, Polygon, None}, l.GeometryType) {
		fault("/geometry_type", "geometry type %q is not one of point, line, polygon, none", l.GeometryType)
	}
	if l.Status != Draft && l.Status != Published {
		fault("/status", "status %q is neither draft nor published", l.Status)
	}
	if l.Tiling && l.GeometryType != Polygon {
		fault("/tiling", "only a layer of polygons can tile")
	}
	if !(l.SliverWidthM >= 0 && l.SliverWidthM <= maxSliverWidth) {
		fault("/sliver_width_m", "the width of slivers is %v m; it must be from 0 to %v", l.SliverWidthM, maxSliverWidth)
	}
	if l.Title.SV == "" {
		fault("/title/sv", "the Swedish title is missing")
	}
	l.Metadata.faults(fault)
	seen := map[string]bool{}
	for i, a := range l.Attributes {
		pointer := fmt.Sprintf("/attributes/%d", i)
		if seen[a.Name] {
			fault(pointer, "attribute %q is named twice", a.Name)
		}
		seen[a.Name] = true
		if why := a.fault(); why != "" {
			fault(pointer, "%s", why)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return Errorf(Invalid, l.ID, "the layer definition has %d fault(s): %s", len(faults), faults[0].Message.EN).WithFindings(faults...)
}

// SliverWidth is the mean width, in metres, under which an area is called a sliver in layers that say no other, and the
// widest that they may say.
const (
	SliverWidth    = 0.5
	maxSliverWidth = 100.0
)

// Sliver gives the mean width, in metres, under which an area of the layer is called a sliver.
func (l *Layer) Sliver() float64 { return cmp.Or(l.SliverWidthM, SliverWidth) }

// Attribute gives the index of the named attribute, or -1.
func (l *Layer) Attribute(name string) int {
	return slices.IndexFunc(l.Attributes, func(a Attribute) bool { return a.Name == name })
}
