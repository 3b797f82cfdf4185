package ogc

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"strukturbild/internal/plan"
)

// noon is the time of every answer in the tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var testSite = Site{Base: "https://example.org/ogc", Stylesheet: "https://example.org/ogc/style.css", Language: Swedish}

// everything is a layer with an attribute of every kind.
var everything = &plan.Layer{
	ID: "allt_mojligt", Theme: plan.Nature, GeometryType: plan.Polygon, Source: "Länsstyrelsen", Licence: "CC0 1.0",
	Status: plan.Published, Title: plan.Text{SV: "Allt möjligt", EN: "All sorts"},
	Description: plan.Text{SV: "Åtta sorters attribut", EN: "Eight kinds of attribute"},
	Attributes: []plan.Attribute{
		{Name: "namn", Type: plan.String, Title: plan.Text{SV: "Namn", EN: "Name"}, Required: true},
		{Name: "kommunkod", Type: plan.String, Title: plan.Text{SV: "Kommunkod", EN: "Municipality code"}},
		{Name: "antal", Type: plan.Integer, Title: plan.Text{SV: "Antal", EN: "Count"}},
		{Name: "areal_ha", Type: plan.Number, Unit: "ha", Title: plan.Text{SV: "Areal", EN: "Area"}},
		{Name: "skyddad", Type: plan.Boolean, Title: plan.Text{SV: "Skyddad", EN: "Protected"}},
		{Name: "beslut", Type: plan.Date, Title: plan.Text{SV: "Beslut", EN: "Decided"}},
		{Name: "andrad", Type: plan.DateTime, Title: plan.Text{SV: "Ändrad", EN: "Changed"}},
		{Name: "slag", Type: plan.String, Title: plan.Text{SV: "Slag", EN: "Kind"}, Codes: []plan.CodeEntry{
			{Value: "a", Title: plan.Text{SV: "Ängs\"mark\"", EN: "Meadow"}}, {Value: "b", Title: plan.Text{SV: "<Övrigt>", EN: "Other"}}}},
	},
}

// square gives a closed counter-clockwise ring; clockwise when side is negative.
func square(x, y, side float64) []float64 {
	if side < 0 {
		side = -side
		return []float64{x, y, x, y + side, x + side, y + side, x + side, y, x, y}
	}
	return []float64{x, y, x + side, y, x + side, y + side, x, y + side, x, y}
}

// someFeatures are of the layer everything: two parts, the first with a hole; nulls; integers of nearly
// 64 bits (GDAL warns of the very last ones).
func someFeatures() []plan.Feature {
	day, _ := plan.ParseDate("1990-01-01")
	at, _ := plan.ParseDateTime("2026-11-22T10:00:00.000001+01:00")
	return []plan.Feature{
		{ID: "1", Since: 3,
			Geometry: plan.Geometry{Type: plan.Polygon, Ends: []uint32{5, 10, 15}, Parts: []uint32{2, 3},
				Coords: slices.Concat(square(320000.5, 6400000.25, 1000), square(320100, 6400100, -100), square(330000, 6400000, 500))},
			Values: []plan.Value{plan.TextValue("Åmål, Öckerö & \"Ärla\""), plan.TextValue("0114"), plan.IntegerValue(math.MaxInt64 - 1), plan.NumberValue(150),
				plan.BooleanValue(true), day, at, plan.TextValue("a")}},
		{ID: "aå:1", Since: 4, Geometry: plan.Geometry{Type: plan.Polygon, Coords: square(400000, 6500000, 10)},
			Values: []plan.Value{plan.TextValue("<b>"), {}, plan.IntegerValue(math.MinInt64 + 1), plan.NumberValue(0.1), plan.BooleanValue(false), {}, {}, {}}},
		{ID: "007", Since: 4, Geometry: plan.Geometry{Type: plan.Polygon, Coords: square(400000, 6500000, 10)},
			Values: make([]plan.Value, 8)},
	}
}

func each(features []plan.Feature) iter.Seq[*plan.Feature] {
	return func(yield func(*plan.Feature) bool) {
		for i := range features {
			if !yield(&features[i]) {
				return
			}
		}
	}
}

// blob gives a polygon of n vertices around a place; round cuts its coordinates to millimetres.
func blob(random *rand.Rand, x, y, radius float64, n int, round bool) plan.Geometry {
	coords := make([]float64, 0, 2*n)
	for i := range n - 1 {
		angle, r := 2*math.Pi*float64(i)/float64(n-1), radius*(0.8+0.2*random.Float64())
		px, py := x+r*math.Cos(angle), y+r*math.Sin(angle)
		if round {
			px, py = math.Round(px*1000)/1000, math.Round(py*1000)/1000
		}
		coords = append(coords, px, py)
	}
	return plan.Geometry{Type: plan.Polygon, Coords: append(coords, coords[0], coords[1])}
}
