package report

import (
	"math"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// TestCanonicalRounds: what differs in the last digits only is one content; what differs by more is another.
func TestCanonicalRounds(t *testing.T) {
	content := func(area, metres float64) *plan.ReportContent {
		return &plan.ReportContent{Format: 1, Kind: plan.ReportConflicts, BySeverity: []plan.ConflictSum{{Key: "3", AreaHa: area, LengthM: metres}},
			Map: []plan.ReportKommun{{Shape: plan.Shape{Geometry: plan.Geometry{Type: plan.Line, Coords: []float64{399_999.994_999, 6_450_000, 1.005, 2}}}}}}
	}
	text, hash, err := canonical(content(12.345678901, 100.04))
	if err != nil || len(hash) != 64 {
		t.Fatal(hash, err)
	}
	for _, says := range []string{`"area_ha":12.3457`, `"length_m":100,`, `[399999.99,6450000]`} {
		if !strings.Contains(string(text), says) {
			t.Errorf("the content does not say %s: %s", says, text)
		}
	}
	if _, same, _ := canonical(content(math.Nextafter(12.345678901, 13), 100.03999)); same != hash {
		t.Error("the last digit makes another content")
	}
	if _, other, _ := canonical(content(12.3459, 100.04)); other == hash {
		t.Error("two square metres make no other content")
	}
	thawed, err := thaw(text)
	if err != nil {
		t.Fatal(err)
	}
	if again, twice, err := canonical(thawed); err != nil || twice != hash || string(again) != string(text) {
		t.Errorf("thawed and frozen again it is %s, %v", again, err)
	}
}

func TestSwedishFigures(t *testing.T) {
	for want, got := range map[string]string{"1\u00a0234\u00a0567": thousands(1234567), "1234": thousands(1234), "−12\u00a0345": thousands(-12345),
		"0,05": hectares(0.05), "12,3": hectares(12.34), "0,0": hectares(0), "12\u00a0346": decimal(12345.6, 0)} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
