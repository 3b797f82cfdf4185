package conflict_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

// TestLucisAndSymphonyArePostGIS holds the areas of codes and the total of the sum against ST_Union and ST_Intersection over
// the very rows that the service has written.
func TestLucisAndSymphonyArePostGIS(t *testing.T) {
	random := rand.New(rand.NewPCG(51, 52))
	schema := pgtest.Schema(t)
	at := atlas.New(pgtest.Open(t, schema))
	if err := at.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	_, err := at.Change(t.Context(), func(*atlas.View) (plan.ChangeSet, error) {
		kommun := plan.Layer{ID: "kommun", Theme: plan.Administrative, GeometryType: plan.Polygon, Status: plan.Published,
			Attributes: []plan.Attribute{{Name: "kommunkod", Type: plan.String}, {Name: "namn", Type: plan.String}, {Name: "kommunalforbund", Type: plan.String}}}
		ring := plan.Geometry{Type: plan.Polygon, Coords: []float64{290000, 6390000, 340000, 6390000, 340000, 6440000, 290000, 6440000, 290000, 6390000}}
		return plan.ChangeSet{Layers: []plan.LayerChange{{Layer: "kommun", Define: &kommun, Add: plan.List{{ID: "1401", Geometry: ring,
			Values: []plan.Value{plan.TextValue("1401"), plan.TextValue("Prov"), {}}}}}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	add(t, at, "fields", plan.Agriculture, blobs(random, 60, 1800))
	add(t, at, "stands", plan.Forest, blobs(random, 60, 1800))
	add(t, at, "towns", plan.Settlement, blobs(random, 40, 1800))
	mark := func(layer string) plan.Mark { return plan.Mark{Side: plan.Side{Layer: layer}} }
	rules := &plan.Ruleset{ID: "prov", Version: 1, Lucis: []plan.Preference{
		{ID: "a", Use: plan.AgricultureUse, Strength: 3, Mark: mark("fields")}, {ID: "b", Use: plan.AgricultureUse, Strength: 2, Mark: mark("stands")},
		{ID: "c", Use: plan.ConservationUse, Strength: 2, Mark: mark("stands")}, {ID: "d", Use: plan.UrbanUse, Strength: 3, Mark: mark("towns")}},
		Symphony: &plan.Symphony{Pressures: []plan.Component{{ID: "p", Levels: []plan.Level{{Mark: mark("towns"), Level: 80}}}},
			Values:      []plan.Component{{ID: "v", Levels: []plan.Level{{Mark: mark("fields"), Level: 50}}}, {ID: "w", Levels: []plan.Level{{Mark: mark("stands"), Level: 20}}}},
			Sensitivity: []plan.Sensitivity{{Pressure: "p", Value: "v", Sensitivity: 0.5}, {Pressure: "p", Value: "w", Sensitivity: 0.25}}}}
	e := conflict.NewEngine(rules)
	l, err := e.Lucis(t.Context(), at.View())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := l.Rows(conflict.ByKommun, conflict.StackFilter{})
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	got := map[int]float64{}
	for _, c := range rows[0].Codes {
		got[c.Code] = c.AreaHa * 10_000
	}
	var want [8]float64 // 323, 313, 321, 311, 223, 113, 221, 111
	var town, meadow float64
	err = pgtest.Connect(t, schema).QueryRow(t.Context(), `
		WITH u AS MATERIALIZED (SELECT l.id AS layer, ST_Union(f.geom) AS g FROM feature f JOIN layer l USING (partition) GROUP BY l.id),
			n AS (SELECT (SELECT g FROM u WHERE layer = 'fields') AS a, (SELECT g FROM u WHERE layer = 'stands') AS c, (SELECT g FROM u WHERE layer = 'towns') AS t,
				(SELECT g FROM u WHERE layer = 'kommun') AS k),
			m AS (SELECT ST_Intersection(ST_Intersection(a, c), t) AS act, ST_Intersection(a, c) AS ac, ST_Intersection(a, t) AS at, ST_Intersection(c, t) AS ct, * FROM n)
		SELECT ST_Area(act), ST_Area(ST_Difference(at, c)), ST_Area(ST_Difference(ac, t)), ST_Area(ST_Difference(ST_Difference(a, c), t)),
			ST_Area(ST_Difference(ct, a)), ST_Area(ST_Difference(ST_Difference(t, a), c)), ST_Area(ST_Difference(ST_Difference(c, a), t)),
			ST_Area(ST_Difference(ST_Difference(ST_Difference(k, a), c), t)), ST_Area(at), ST_Area(ct) FROM m`).
		Scan(&want[0], &want[1], &want[2], &want[3], &want[4], &want[5], &want[6], &want[7], &town, &meadow)
	if err != nil {
		t.Fatal(err)
	}
	for i, code := range []int{323, 313, 321, 311, 223, 113, 221, 111} {
		if math.Abs(got[code]-want[i]) > 1e-9*want[i]+1e-3 || want[i] == 0 {
			t.Errorf("%d has %.6f m2, PostGIS %.6f", code, got[code], want[i])
		}
	}
	s, err := e.Symphony(t.Context(), at.View())
	if err != nil {
		t.Fatal(err)
	}
	sums, err := s.Rows(conflict.ByKommun, conflict.StackFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if total := (80*50*0.5*town + 80*20*0.25*meadow) / 10_000; math.Abs(sums[0].Total-total) > 1e-9*total {
		t.Errorf("the sum is %.9g, PostGIS %.9g", sums[0].Total, total)
	}
}
