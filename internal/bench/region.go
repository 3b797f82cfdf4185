package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/plan"
)

// regionLayer is one of the nine layers of a region of a million features, with the attributes that the default rules
// read.
type regionLayer struct {
	theme    plan.Theme
	geometry plan.GeometryType
	count    int
	radius   float64 // metres; of a line half its length
	has      []plan.Attribute
	values   func(*rand.Rand) []plan.Value
	columns  string // the same attributes as columns, for the peer
}

func text(names ...string) (list []plan.Attribute) {
	for _, name := range names {
		list = append(list, plan.Attribute{Name: name, Type: plan.String})
	}
	return list
}

func number(name string) plan.Attribute { return plan.Attribute{Name: name, Type: plan.Number} }

// oneOf picks a text; "" is none.
func oneOf(random *rand.Rand, texts ...string) plan.Value {
	if picked := texts[random.IntN(len(texts))]; picked != "" {
		return plan.TextValue(picked)
	}
	return plan.Value{}
}

// maybe gives a number, or none.
func maybe(random *rand.Rand, n float64) plan.Value {
	if random.IntN(4) == 0 {
		return plan.Value{}
	}
	return plan.NumberValue(n)
}

var regionLayers = []regionLayer{
	{plan.Wind, plan.Polygon, 2_000, 900, []plan.Attribute{number("total_height"), number("rotor_diameter"), number("hub_height")}, func(r *rand.Rand) []plan.Value {
		return []plan.Value{maybe(r, float64(20+10*r.IntN(25))), maybe(r, float64(40+10*r.IntN(14))), maybe(r, float64(60+5*r.IntN(22)))}
	}, ", (props->>'total_height')::float8 AS total_height, (props->>'rotor_diameter')::float8 AS rotor_diameter, (props->>'hub_height')::float8 AS hub_height"},
	{plan.Agriculture, plan.Polygon, 300_000, 200, nil, nil, ""},
	{plan.Forest, plan.Polygon, 250_000, 300, append(text("biotop"), number("bonitet")), func(r *rand.Rand) []plan.Value {
		return []plan.Value{oneOf(r, "", "", "Nyckelbiotop", "Sumpskog"), plan.NumberValue(float64(r.IntN(12)))}
	}, ", props->>'biotop' AS biotop, (props->>'bonitet')::float8 AS bonitet"},
	{plan.Settlement, plan.Polygon, 120_000, 60, nil, nil, ""},
	{plan.Infrastructure, plan.Line, 100_000, 400, append(text("kind", "lagrum"), number("klass"), number("voltage")), func(r *rand.Rand) []plan.Value {
		return []plan.Value{oneOf(r, "road", "road", "rail", "power_line", "other", ""), oneOf(r, "", "", "3 kap. 8 § MB"),
			maybe(r, float64(r.IntN(10))), maybe(r, float64(40+90*r.IntN(5)))}
	}, ", props->>'kind' AS kind, props->>'lagrum' AS lagrum, (props->>'klass')::float8 AS klass, (props->>'voltage')::float8 AS voltage"},
	{plan.Nature, plan.Polygon, 80_000, 300, text("lagrum"), func(r *rand.Rand) []plan.Value {
		return []plan.Value{oneOf(r, "", "", "3 kap. 6 § MB", "4 kap. 3 § MB")}
	}, ", props->>'lagrum' AS lagrum"},
	{plan.Water, plan.Polygon, 80_000, 250, append(text("zon"), number("strandskydd_m"), number("areal_ha")), func(r *rand.Rand) []plan.Value {
		reach := plan.Value{}
		if r.IntN(2) == 0 {
			reach = plan.NumberValue(float64(100 + 50*r.IntN(7)))
		}
		return []plan.Value{oneOf(r, "", "", "Primär zon", "Sekundär zon", "Tertiär zon"), reach, plan.NumberValue(20 * r.Float64() * r.Float64())}
	}, ", props->>'zon' AS zon, (props->>'strandskydd_m')::float8 AS strandskydd_m, (props->>'areal_ha')::float8 AS areal_ha"},
	{plan.Culture, plan.Point, 50_000, 0, text("antikvariskbedomning", "lagrum"), func(r *rand.Rand) []plan.Value {
		return []plan.Value{oneOf(r, "Fornlämning", "Fornlämning", "Övrig", ""), oneOf(r, "", "", "", "3 kap. 6 § MB")}
	}, ", props->>'antikvariskbedomning' AS bedomning, props->>'lagrum' AS lagrum"},
	{plan.Defence, plan.Polygon, 20_000, 900, text("typ"), func(r *rand.Rand) []plan.Value {
		return []plan.Value{oneOf(r, "", "MSA-yta", "Lågflyg", "Stoppområde")}
	}, ", props->>'typ' AS typ"},
}

// region writes the layers, and copies each to a table of the peer's, if there is one, with its attributes as columns.
func (b *bench) region(ctx context.Context, conn *pgx.Conn) (features int, err error) {
	for i, l := range regionLayers {
		definition := &plan.Layer{ID: string(l.theme), Theme: l.theme, GeometryType: l.geometry, Status: plan.Published,
			Title: plan.Text{SV: string(l.theme)}, Attributes: append(text("namn"), l.has...)}
		random := rand.New(rand.NewPCG(uint64(i), 8))
		n := b.count(l.count)
		if err := b.features(ctx, definition, n, func(id string) plan.Feature { return l.feature(random, id) }); err != nil {
			return 0, err
		}
		if conn != nil {
			if err := b.peerTable(ctx, conn, definition.ID, l.columns); err != nil {
				return 0, err
			}
		}
		features += n
	}
	return features, nil
}

func (l *regionLayer) feature(random *rand.Rand, id string) plan.Feature {
	f := blob(random, id, max(l.radius, 1))
	f.Values = []plan.Value{plan.TextValue(fmt.Sprintf("%s %s", l.theme, id))}
	switch c := f.Geometry.Coords; l.geometry {
	case plan.Point:
		f.Geometry = plan.Geometry{Type: plan.Point, Coords: c[:2:2]}
	case plan.Line: // a half of the outline
		half := len(c) / 4 * 2
		f.Geometry = plan.Geometry{Type: plan.Line, Coords: c[:half:half]}
	}
	if l.values != nil {
		f.Values = append(f.Values, l.values(random)...)
	}
	return f
}
