package main

import (
	"encoding/json"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// The last column is cut off at no place, and every number has its unit.
func TestDifferenceIsPrinted(t *testing.T) {
	t.Setenv("LC_ALL", "sv_SE.UTF-8")
	part := plan.NewGrowth(plan.Polygon, 123_456, 1_000)
	document, err := json.Marshal(map[string]any{"summary": plan.DifferenceSummary{Added: 2, Removed: 1, Growth: part,
		Kommuner: []plan.KommunDifference{{Kommun: "1470", Namn: "Vara", Added: 2, Removed: 1, Growth: part}}}})
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := printDifference(&printed, document); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(printed.String()), "\n")
	if len(lines) != 3 || strings.Join(strings.Fields(lines[1]), " ") != "2 1 0 12,35 ha 0,10 ha 1470 Vara" {
		t.Errorf("printed\n%s", printed.String())
	}
	if err := printDifference(&printed, nil); err != nil {
		t.Errorf("without a document: %v", err)
	}
	if err := printDifference(&printed, json.RawMessage(`{"summary": 1}`)); err == nil {
		t.Error("a document of another form is printed")
	}
}
