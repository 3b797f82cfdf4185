// Package demo makes up land use: fields, forest stands, roads, railways, power lines and wind turbines that look like a
// landscape and are none. The same region, seed and number of features give the same features.
//
// A mosaic (mosaic.go) is a jittered lattice whose Voronoi cells have winding borders, shared by neighbours vertex by
// vertex. A terrain (terrain.go) tells how open the land is, from noise and from where the plains of Västra Götaland lie:
// the most open cells become fields, the least open ones stands (tile.go). Routes follow a network between settlements
// (route.go), turbines stand in parks (turbine.go).
package demo

import (
	"fmt"
	"iter"

	"strukturbild/internal/plan"
)

// Region is where the land use goes; coordinates are EPSG:3006. The order of its slices counts: another order, other features.
type Region struct {
	County   plan.Geometry // everything lies inside it
	Kommuner []Kommun
	Tatorter []Tatort
}

// Kommun is a municipality.
type Kommun struct {
	Kommunkod string
	Geometry  plan.Geometry
}

// Tatort is a settlement.
type Tatort struct {
	Name       string
	X, Y       float64
	Population int // 0 when it is not known
}

// IDPrefix begins the id of every feature, so that none is mistaken for, or collides with, real data.
const IDPrefix = "demo_"

// Generate makes n features in all, one layer after the other: agriculture, forest, infrastructure, wind_power. It
// yields the id of the layer with each feature, whose values are in the order of the built-in schema. A region that has
// no room for n features gets fewer.
func Generate(region Region, seed uint64, n int) iter.Seq2[string, plan.Feature] {
	return func(yield func(string, plan.Feature) bool) {
		if region.County.IsEmpty() || n <= 0 {
			return
		}
		t := newTerrain(region, seed)
		for _, layer := range []struct {
			id    string
			count int
			make  func(t *terrain, s *schema, n int) iter.Seq[plan.Feature]
		}{
			{"agriculture", n - n*52/100 - routeShare(n) - turbineShare(n), fields},
			{"forest", n * 52 / 100, stands},
			{"infrastructure", routeShare(n), routes},
			{"wind_power", turbineShare(n), turbines},
		} {
			if layer.count == 0 {
				continue
			}
			number := 0
			for f := range layer.make(t, schemaOf(layer.id), layer.count) {
				number++
				f.ID = fmt.Sprintf("%s%d", IDPrefix, number)
				if !yield(layer.id, f) {
					return
				}
			}
		}
	}
}

// Networks and parks stay about as large as real ones, whatever n is.
func routeShare(n int) int   { return min(n/10, 20_000) }
func turbineShare(n int) int { return min(n*3/100, 1_000) }

// schema puts values into the order of a built-in layer.
type schema struct {
	columns map[string]int
	width   int
}

func schemaOf(layer string) *schema {
	s := &schema{columns: map[string]int{}}
	for _, l := range plan.BuiltIn() {
		if l.ID == layer {
			s.width = len(l.Attributes)
			for i, a := range l.Attributes {
				s.columns[a.Name] = i
			}
		}
	}
	return s
}

// row begins the values of a feature, with its mark.
func (s *schema) row() row {
	r := row{s, make([]plan.Value, s.width)}
	r.set("synthetic", plan.BooleanValue(true))
	return r
}

type row struct {
	schema *schema
	values []plan.Value
}

// set gives a value to an attribute, which the schema must have.
func (r row) set(attribute string, v plan.Value) {
	i, ok := r.schema.columns[attribute]
	if !ok {
		panic("demo: no attribute " + attribute)
	}
	r.values[i] = v
}

func (r row) text(attribute, s string)           { r.set(attribute, plan.TextValue(s)) }
func (r row) number(attribute string, f float64) { r.set(attribute, plan.NumberValue(f)) }
func (r row) feature(g plan.Geometry) plan.Feature {
	return plan.Feature{Geometry: g, Values: r.values}
}
