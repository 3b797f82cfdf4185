package conflict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/ingest"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

// distanceRules are rules whose distance comes from the attributes of the claim, of the interest, and of both; each with
// the same in SQL, whose greatest and least overlook what is missing.
var distanceRules = []struct{ distance, when, sql, sqlWhen string }{
	{`max(claim.h, 50)`, ``, `greatest(%[1]s, 50)`, `%[1]s IS NOT NULL`},
	{`1.5 * (claim.d + claim.h)`, ``, `1.5 * (%[2]s + %[1]s)`, `true`},
	{`(interest.v ?? 130) >= 400 ? 1300 : (interest.v ?? 130) / 2`, ``, `CASE WHEN coalesce(%[3]s, 130) >= 400 THEN 1300 ELSE coalesce(%[3]s, 130) / 2 END`, `true`},
	{`claim.h + min(interest.v, 500) * 2`, `interest.kind == "rail"`, `%[1]s + least(%[3]s, 500) * 2`, `%[4]s = 'rail' AND %[3]s IS NOT NULL`},
	{`claim.d / interest.v * 100`, `interest.v > 0 and claim.h > 100`, `%[2]s / %[3]s * 100`, `%[3]s > 0 AND %[1]s > 100`},
}

// TestAttributeDistancesArePostGIS holds rules with distances from attributes against SQL over the same rows.
func TestAttributeDistancesArePostGIS(t *testing.T) {
	random := rand.New(rand.NewPCG(51, 52))
	turbines, lines := randomTurbines(random, 500), randomRoutes(random, 400)
	t.Run("random", func(t *testing.T) { compareDistances(t, turbines, lines, plan.Line) })
	t.Run("real", func(t *testing.T) {
		real := realFeatures(t, plan.Point, `SELECT CAST(replace(Totalhojd, ',', '.') AS REAL) AS h, CAST(replace(Rotordia, ',', '.') AS REAL) AS d, geom
			FROM vindkraftverk WHERE ST_X(geom) > 240000 AND ST_X(geom) < 500000 AND ST_Y(geom) BETWEEN 6320000 AND 6590000 AND fid % 4 = 0`, "h", "d")
		if real == nil {
			t.Skip("left out: ../shared/data is not there")
		}
		routes := realFeatures(t, plan.Line, `SELECT kind, v, ST_Intersection(geom, BuildMbr(241000, 6321000, 499000, 6589000)) AS geom
			FROM (SELECT 'power_line' AS kind, CAST(voltage AS REAL) AS v, geom FROM kraftledningar_stamnat
			UNION ALL SELECT 'rail', 55.0, geom FROM jarnvag_1m UNION ALL SELECT 'road', 0.0, geom FROM vagar_centrala_goteborg)
			WHERE ST_Intersects(geom, BuildMbr(241000, 6321000, 499000, 6589000))`, "kind", "v")
		compareDistances(t, real, routes, plan.Line)
		reserves := realFeatures(t, plan.Polygon, `SELECT 'rail' AS kind, AREA_HA AS v, geom FROM naturreservat WHERE ST_IsValid(geom) AND ST_NPoints(geom) < 150`, "kind", "v")
		compareDistances(t, real, reserves, plan.Polygon)
	})
}

func compareDistances(t *testing.T, turbines, interests []plan.Feature, kind plan.GeometryType) {
	t.Helper()
	schema := pgtest.Schema(t)
	at := atlas.New(pgtest.Open(t, schema))
	if err := at.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	number := func(name string) plan.Attribute { return plan.Attribute{Name: name, Type: plan.Number} }
	addFeatures(t, at, &plan.Layer{ID: "a", Theme: plan.Wind, GeometryType: plan.Point, Status: plan.Published,
		Attributes: []plan.Attribute{number("h"), number("d")}}, turbines)
	addFeatures(t, at, &plan.Layer{ID: "b", Theme: plan.Infrastructure, GeometryType: kind, Status: plan.Published,
		Attributes: []plan.Attribute{{Name: "kind", Type: plan.String}, number("v")}}, interests)
	for i, c := range distanceRules {
		rules := &plan.Ruleset{ID: "prov", Version: 1, Rules: []plan.Rule{{ID: "near", Relation: plan.Within, Severity: 1, Distance: c.distance, When: c.when,
			Claim: plan.Side{Layer: "a"}, Interest: plan.Side{Layer: "b"}}}}
		engine := conflict.NewEngine(rules)
		standing, err := engine.Standing(t.Context(), at.View())
		if err != nil {
			t.Fatal(err)
		}
		page, err := standing.Find(conflict.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		names := []any{"(c.props->>'h')::float8", "(c.props->>'d')::float8", "(i.props->>'v')::float8", "(i.props->>'kind')"}
		want := distancesInPostGIS(t, schema, sql(c.sql, names), sql(c.sqlWhen, names))
		if len(want) == 0 {
			t.Errorf("%s: there are no pairs, so the test shows nothing", c.distance)
		}
		for _, found := range page.Conflicts {
			key := found.Claim.ID + "/" + found.Interest.ID
			w, there := want[key]
			delete(want, key)
			if !there || math.Abs(*found.DistanceM-w[0]) > 1e-6 || math.Abs(found.Clear.ThresholdM-w[1]) > 1e-6 {
				t.Errorf("%s: pair %s at %v of %v, PostGIS %v", c.distance, key, *found.DistanceM, found.Clear.ThresholdM, w)
			}
		}
		for key, w := range want {
			if w[1]-w[0] > 1e-6 {
				t.Errorf("%s: pair %s is missing, PostGIS has it at %v", c.distance, key, w)
			}
		}
		t.Logf("rule %d: %d pairs, %d not measured", i, len(page.Conflicts), page.NotMeasuredTotal)
	}
}

func sql(format string, names []any) string {
	if !strings.Contains(format, "%[") {
		return format
	}
	used := fmt.Sprintf(format, names...)
	used, _, _ = strings.Cut(used, "%!(EXTRA")
	return used
}

// distancesInPostGIS gives distance and threshold of each pair that is near enough. Unknown distances are none.
func distancesInPostGIS(t *testing.T, schema, distance, when string) map[string][2]float64 {
	t.Helper()
	rows, err := pgtest.Connect(t, schema).Query(t.Context(), fmt.Sprintf(`
		WITH f AS MATERIALIZED (SELECT l.id AS layer, f.id, f.geom, f.props FROM feature f JOIN layer l USING (partition)),
			p AS (SELECT c.id || '/' || i.id AS key, ST_Distance(c.geom, i.geom) AS d, %s AS threshold
				FROM f c JOIN f i ON c.layer = 'a' AND i.layer = 'b' AND (%s))
		SELECT key, d, threshold FROM p WHERE d <= threshold AND threshold BETWEEN 0 AND 50000`, distance, when))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string][2]float64{}
	for rows.Next() {
		var key string
		var d, threshold float64
		if err := rows.Scan(&key, &d, &threshold); err != nil {
			t.Fatal(err)
		}
		found[key] = [2]float64{d, threshold}
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return found
}

func addFeatures(t *testing.T, at *atlas.Atlas, layer *plan.Layer, features []plan.Feature) {
	t.Helper()
	for i := range features {
		features[i].ID = fmt.Sprint(i + 1)
	}
	_, err := at.Change(t.Context(), func(*atlas.View) (plan.ChangeSet, error) {
		return plan.ChangeSet{Layers: []plan.LayerChange{{Layer: layer.ID, Define: layer, Add: plan.List(features)}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// randomTurbines lack a height or a diameter now and then.
func randomTurbines(random *rand.Rand, n int) (list []plan.Feature) {
	for range n {
		values := []plan.Value{plan.NumberValue(300 * random.Float64()), plan.NumberValue(200 * random.Float64())}
		if random.IntN(6) == 0 {
			values[random.IntN(2)] = plan.Value{}
		}
		list = append(list, plan.Feature{Values: values, Geometry: plan.Geometry{Type: plan.Point,
			Coords: []float64{300000 + 30000*random.Float64(), 6400000 + 30000*random.Float64()}}})
	}
	return list
}

// randomRoutes have voltages of zero and below, and lack them now and then.
func randomRoutes(random *rand.Rand, n int) (list []plan.Feature) {
	for range n {
		x, y := 300000+30000*random.Float64(), 6400000+30000*random.Float64()
		coords := []float64{x, y}
		for range 2 + random.IntN(20) {
			x, y = x+600*random.Float64()-200, y+600*random.Float64()-300
			coords = append(coords, x, y)
		}
		voltage := plan.NumberValue([]float64{0, -3, 40, 130, 220, 400, 700 * random.Float64()}[random.IntN(7)])
		if random.IntN(6) == 0 {
			voltage = plan.Value{}
		}
		kind := plan.TextValue([]string{"rail", "road"}[random.IntN(2)])
		list = append(list, plan.Feature{Geometry: plan.Geometry{Type: plan.Line, Coords: coords}, Values: []plan.Value{kind, voltage}})
	}
	return list
}

// realFeatures reads a selection of the real data with these columns; nil when the data is not there.
func realFeatures(t *testing.T, kind plan.GeometryType, query string, columns ...string) []plan.Feature {
	t.Helper()
	const file = "../../../shared/data/region/vg.gpkg"
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	layer := &plan.Layer{ID: "x", GeometryType: kind, Theme: plan.Wind}
	for _, name := range columns {
		attribute := plan.Attribute{Name: name, Type: plan.Number}
		if name == "kind" {
			attribute.Type = plan.String
		}
		layer.Attributes = append(layer.Attributes, attribute)
	}
	out, err := exec.Command("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", file, "-dialect", "SQLite", "-sql", query, "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=4").Output()
	if err != nil {
		t.Fatal(err)
	}
	batch, err := ingest.ReadGeoJSON(t.Context(), strings.NewReader(string(out)), ingest.Options{CRS: "EPSG:3006", Layer: layer})
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Close()
	var list []plan.Feature
	for i := range batch.Len() {
		var f plan.Feature
		if err := batch.At(i, &f); err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return list
}
