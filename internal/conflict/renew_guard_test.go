package conflict

import (
	"context"
	"fmt"
	"testing"

	"strukturbild/internal/plan"
)

// tall gives n points in a row, 1 km from each other, each with a height in metres.
func tall(from, n int, y, height float64) (list plan.List) {
	for i := range n {
		list = append(list, plan.Feature{ID: fmt.Sprint(from + i), Geometry: pointsAt(region.MinX+1000*float64(from+i), region.MinY+y),
			Values: []plan.Value{plan.NumberValue(height)}})
	}
	return list
}

func tallLayer(id string, theme plan.Theme, features plan.List) plan.LayerChange {
	change := layer(id, theme, plan.Point)
	change.Define.Attributes, change.Add = []plan.Attribute{{Name: "h", Type: plan.Number}}, features
	return change
}

// TestWhatMustBeJoinedAnew: conflicts of a distance by the attributes of both sides are not renewed when the other side's
// attribute reaches farther than before, nor when the layers change places as the smaller one; otherwise they are.
func TestWhatMustBeJoinedAnew(t *testing.T) {
	rules := &plan.Ruleset{ID: "test", Version: 1, Rules: []plan.Rule{{ID: "near", Claim: plan.Side{Theme: plan.Wind}, Interest: plan.Side{Theme: plan.Settlement},
		Relation: plan.Within, Distance: "claim.h + interest.h", Severity: 2}}}
	for _, c := range []struct {
		name    string
		houses  int // beside 10 turbines
		change  plan.LayerChange
		renewed bool
	}{
		{"a house of the same height", 30, plan.LayerChange{Layer: "houses", Replace: tall(3, 1, 350, 200)}, true},
		{"a bound that moved", 30, plan.LayerChange{Layer: "houses", Replace: tall(3, 1, 350, 5000)}, false},
		{"as many on both sides", 11, plan.LayerChange{Layer: "turbines", Add: tall(11, 1, 0, 200)}, true},
		{"exchanged sides", 11, plan.LayerChange{Layer: "turbines", Add: tall(11, 2, 0, 200)}, false},
	} {
		w, engine := newWorld(t), NewEngine(rules)
		stand(t, engine, w.change(kommuner(random(t, 1)), tallLayer("turbines", plan.Wind, tall(1, 10, 0, 200)),
			tallLayer("houses", plan.Settlement, tall(1, c.houses, 300, 200))))
		before, view := engine.blocks(), w.change(c.change)
		keys := pairings(mustCompile(t, engine), view, view.Partition())
		if len(keys) != 1 {
			t.Fatalf("%d pairs of layers", len(keys))
		}
		if _, done, err := renew(context.Background(), keys[0], keys[0].earlier(before)); err != nil || done != c.renewed {
			t.Errorf("%s: renewed %v, want %v; %v", c.name, done, c.renewed, err)
		}
		alike(t, c.name, stand(t, engine, view), stand(t, NewEngine(rules), view))
	}
}
