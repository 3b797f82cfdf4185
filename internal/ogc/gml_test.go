package ogc

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// faulty yields n features and then one that lies nowhere.
func faulty(n int) iter.Seq[*plan.Feature] {
	return func(yield func(*plan.Feature) bool) {
		good, bad := someFeatures()[0], someFeatures()[1]
		bad.Geometry.Coords = []float64{math.NaN(), 0, 1, 1, 2, 2, math.NaN(), 0}
		for range n {
			if !yield(&good) {
				return
			}
		}
		yield(&bad)
	}
}

// TestTruncatedGML: what fails on the way is told in the collection; what fails before anything is written is an error.
func TestTruncatedGML(t *testing.T) {
	report := func(err error) string { return "<report>" + err.Error() + "</report>" }
	result := GMLResult{Layer: everything, System: URNReference(geo.CRS84), Features: faulty(1000), Matched: 1001, Returned: 1001}
	file := GMLFile{Edition: GML32, Schema: "x.xsd", Results: []GMLResult{result}, Time: noon, Report: report}
	var text bytes.Buffer
	if err := WriteGML(&text, file); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(text.String(), "</report></wfs:truncatedResponse></wfs:FeatureCollection>\n") || strings.Count(text.String(), "<wfs:member>") != 1000 {
		t.Errorf("it ends with %s", text.String()[text.Len()-300:])
	}
	if _, err := ParseXML(bytes.NewReader(text.Bytes())); err != nil {
		t.Errorf("what is left is no XML: %v", err)
	}
	file.Results = []GMLResult{result, result} // inside a collection of its own
	text.Reset()
	if err := WriteGML(&text, file); err != nil {
		t.Fatal(err)
	}
	if _, err := ParseXML(bytes.NewReader(text.Bytes())); err != nil || !strings.Contains(text.String(), "truncatedResponse") {
		t.Errorf("several results: %v", err)
	}
	result.Features = faulty(1)
	for _, edition := range []*GML{GML32, GML31, GML21} {
		text.Reset()
		err := WriteGML(&text, GMLFile{Edition: edition, Results: []GMLResult{result}, Time: noon, Report: report})
		if plan.CodeOf(err) != plan.Invalid || text.Len() > 0 {
			t.Errorf("GML %s: %v with %d bytes written", edition.Version, err, text.Len())
		}
	}
	result.Features = faulty(1000)
	if err := WriteGML(io.Discard, GMLFile{Edition: GML31, Results: []GMLResult{result}, Time: noon, Report: report}); err == nil {
		t.Error("GML 3.1.1 has no place for a fault, and yet there is none")
	}
	file.Check = func() error { return errors.New("the time is over") }
	file.Results[0].Features = each(slices.Repeat(someFeatures()[:1], 5000))
	text.Reset()
	if err := WriteGML(&text, file); err != nil || !strings.Contains(text.String(), "the time is over") {
		t.Errorf("%v: the end of the time is not told", err)
	}
}

// TestGMLIDs: every id comes back from the name that XML lets it have.
func TestGMLIDs(t *testing.T) {
	for _, id := range []string{"1480", "å:1", "a.b", "prov.1", "x_x003A_y", "ё:ж-1", "_"} {
		name := GMLID("prov", id)
		if !slices.Contains(FeatureIDs("prov", name), id) || !slices.Contains(FeatureIDs("prov", id), strings.TrimPrefix(id, "prov.")) {
			t.Errorf("%s is called %s, which may be %v", id, name, FeatureIDs("prov", name))
		}
	}
}
