package plantest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// Layer is a layer with an attribute of every kind.
func Layer(id string, geometry plan.GeometryType) *plan.Layer {
	return &plan.Layer{ID: id, Theme: plan.Nature, GeometryType: geometry, Status: plan.Published, Title: plan.Text{SV: "Prov"},
		Attributes: []plan.Attribute{
			{Name: "namn", Type: plan.String}, {Name: "antal", Type: plan.Integer}, {Name: "hojd", Type: plan.Number},
			{Name: "sant", Type: plan.Boolean}, {Name: "dag", Type: plan.Date}, {Name: "tid", Type: plan.DateTime}}}
}

// words are short, so that many are alike but for case or accents.
var words = []string{"", "Ål", "al", "AL", "ål", "É", "e", "Åmål", "åmål", "amal", "50%", "a_b", `a\b`, "it's", "<&>", "Östra\nÅs", "öst", "ost", "zebra", "Ö"}

// Values gives values of the kinds of Layer, out of few, so that they are often equal; a fifth are null.
func Values(random *rand.Rand) []plan.Value {
	values := []plan.Value{
		plan.TextValue(words[random.IntN(len(words))]), integer(random), plan.NumberValue(float64(random.IntN(40)-20) / 4),
		plan.BooleanValue(random.IntN(2) == 0), plan.DateValue(day(random)), plan.DateTimeValue(moment(random))}
	for i := range values {
		if random.IntN(5) == 0 {
			values[i] = plan.Value{}
		}
	}
	return values
}

func integer(random *rand.Rand) plan.Value {
	if random.IntN(8) == 0 {
		return plan.IntegerValue(1<<60 + random.Int64N(2))
	}
	return plan.IntegerValue(random.Int64N(12) - 4)
}

// day is one of two weeks of 1990; moment is in the same weeks, often at midnight.
func day(random *rand.Rand) int64 { return 7305 + random.Int64N(14) }

func moment(random *rand.Rand) int64 {
	return day(random)*86400e6 + []int64{0, 1, 43200e6 + 500000, 86400e6 - 1}[random.IntN(4)]
}

// Features gives n features of the layer.
func Features(random *rand.Rand, layer *plan.Layer, n int) plan.List {
	features := make(plan.List, n)
	for i := range features {
		features[i] = plan.Feature{ID: fmt.Sprint(i + 1), Geometry: Geometry(random, layer.GeometryType), Values: Values(random)}
	}
	return features
}

// Geometry gives a small figure with its vertices on a grid, so that figures often touch, cross or are equal.
func Geometry(random *rand.Rand, kind plan.GeometryType) plan.Geometry {
	g := plan.Geometry{Type: kind}
	switch kind {
	case plan.Point:
		for range 1 + random.IntN(2) {
			g.Coords = append(g.Coords, grid(random)...)
		}
	case plan.Line:
		for range 2 + random.IntN(3) {
			if p := grid(random); len(g.Coords) == 0 || !slices.Equal(p, g.Coords[len(g.Coords)-2:]) {
				g.Coords = append(g.Coords, p...)
			}
		}
		if len(g.Coords) == 2 {
			g.Coords = append(g.Coords, g.Coords[0]+step, g.Coords[1])
		}
	case plan.Polygon:
		polygon(random, &g)
	}
	return g
}

const step = 100.0 // metres between the lines of the grid

func grid(random *rand.Rand) []float64 {
	return []float64{320000 + step*float64(random.IntN(8)), 6400000 + step*float64(random.IntN(8))}
}

// polygon is a rectangle, a triangle, a rectangle with a hole, or two rectangles apart.
func polygon(random *rand.Rand, g *plan.Geometry) {
	p := grid(random)
	w, h := step*float64(1+random.IntN(4)), step*float64(1+random.IntN(4))
	x, y := p[0], p[1]
	g.Coords = []float64{x, y, x + w, y, x + w, y + h, x, y + h, x, y}
	switch random.IntN(5) {
	case 0:
		g.Coords = []float64{x, y, x + w, y, x, y + h, x, y}
	case 1:
		g.Coords = append(g.Coords, x+w/4, y+h/4, x+w/4, y+h/2, x+w/2, y+h/2, x+w/2, y+h/4, x+w/4, y+h/4)
		g.Ends = []uint32{5, 10}
	case 2:
		g.Coords = append(g.Coords, x+2*w, y, x+3*w, y, x+3*w, y+h, x+2*w, y+h, x+2*w, y)
		g.Ends, g.Parts = []uint32{5, 10}, []uint32{1, 2}
	}
}

// Table gives the SQL that makes the temporary table prov of the features, which SQL is asked of.
func Table(features plan.List) string {
	var b strings.Builder
	b.WriteString(`CREATE TEMP TABLE prov (id text COLLATE "C", geometry geometry, namn text COLLATE "C", antal bigint, hojd float8, sant boolean, dag date, tid timestamptz);` + "\n")
	for _, f := range features {
		fmt.Fprintf(&b, "INSERT INTO prov VALUES ('%s', %s", f.ID, geometrySQL(f.Geometry))
		for _, v := range f.Values {
			b.WriteString(", " + constantSQL(v))
		}
		b.WriteString(");\n")
	}
	return b.String()
}
