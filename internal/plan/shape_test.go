package plan

import (
	"encoding/json"
	"slices"
	"testing"
)

// TestShapesComeBack writes each type and reads it again.
func TestShapesComeBack(t *testing.T) {
	for name, g := range map[string]Geometry{
		"points":   {Type: Point, Coords: []float64{1, 2, 3.5, 4}},
		"one line": {Type: Line, Coords: []float64{0, 0, 1, 1}},
		"lines":    {Type: Line, Coords: []float64{0, 0, 1, 1, 2, 2, 3, 3, 4, 4}, Ends: []uint32{2, 5}},
		"polygon":  {Type: Polygon, Coords: []float64{0, 0, 9, 0, 9, 9, 0, 0}},
		"polygons": {Type: Polygon, Coords: []float64{0, 0, 9, 0, 9, 9, 0, 0, 2, 1, 3, 2, 3, 1, 2, 1, 20, 0, 29, 0, 29, 9, 20, 0}, Ends: []uint32{4, 8, 12}, Parts: []uint32{2, 3}},
		"nothing":  {Type: Polygon},
	} {
		text, err := json.Marshal(Shape{g})
		if err != nil {
			t.Fatal(err)
		}
		var back Shape
		if err := json.Unmarshal(text, &back); err != nil || back.Type != g.Type || !slices.Equal(back.Coords, g.Coords) ||
			back.NumPaths() != g.NumPaths() || back.NumParts() != g.NumParts() {
			t.Errorf("%s: %s came back as %+v, %v", name, text, back, err)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(text) {
			t.Errorf("%s: %s is written %s the second time, %v", name, text, again, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"type":"Circle"}`), new(Shape)); err == nil {
		t.Error("a circle is taken")
	}
}
