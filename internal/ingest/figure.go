package ingest

import (
	"encoding/json"
	"errors"
	"fmt"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// figureFeatures bounds how many features one figure is made of.
const figureFeatures = 10_000

// enclosing is what a figure can come in beside a bare geometry (RFC 7946, 3.2 and 3.3).
type enclosing struct {
	Type     string            `json:"type"`
	Geometry json.RawMessage   `json:"geometry"`
	Features []json.RawMessage `json:"features"`
	CRS      *struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	} `json:"crs"`
}

// DecodeFigure reads one figure: a geometry, a Feature, or a FeatureCollection of one kind, whose areas are joined where
// they overlap. Its faults are those of DecodeGeometry, with the place in the collection.
func DecodeFigure(raw []byte, crsName string, limits Limits) (plan.Geometry, error) {
	var outer enclosing
	if json.Unmarshal(raw, &outer) != nil { // what is wrong, DecodeGeometry says better
		return DecodeGeometry(raw, "", crsName, limits)
	}
	if crsName == "" && outer.CRS != nil && outer.Type != "" && (outer.Geometry != nil || outer.Features != nil) {
		crsName = outer.CRS.Properties.Name
	}
	switch outer.Type {
	case "Feature":
		g, err := DecodeGeometry(outer.Geometry, "", crsName, limits)
		return g, under(err, -1, "/geometry")
	case "FeatureCollection":
		return decodeCollection(outer.Features, crsName, limits)
	}
	return DecodeGeometry(raw, "", crsName, limits)
}

func decodeCollection(features []json.RawMessage, crsName string, limits Limits) (plan.Geometry, error) {
	if len(features) == 0 || len(features) > figureFeatures {
		return plan.Geometry{}, plan.Errorf(plan.Invalid, "geometry", "the collection has %d features; a figure is made of 1 to %d", len(features), figureFeatures)
	}
	var list []plan.Geometry
	vertices := 0
	for i, raw := range features {
		at := fmt.Sprintf("/features/%d", i)
		var feature enclosing
		if err := json.Unmarshal(raw, &feature); err != nil || feature.Type != "Feature" {
			return plan.Geometry{}, plan.Errorf(plan.Invalid, at, "%s is no Feature", at)
		}
		g, err := DecodeGeometry(feature.Geometry, "", crsName, limits)
		if err != nil {
			return g, under(err, i, at+"/geometry")
		}
		if len(list) > 0 && g.Type != list[0].Type {
			return g, plan.Errorf(plan.Invalid, at, "%s is a %s, but the first feature is a %s: a figure is of one kind", at, g.Type, list[0].Type)
		}
		if vertices += g.NumVertices(); vertices > limits.MaxVertices {
			return g, plan.Errorf(plan.TooLarge, at, "the figure has more than %d vertices", limits.MaxVertices)
		}
		list = append(list, g)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	joined, err := geo.Union(list...)
	if err != nil {
		return joined, plan.Errorf(plan.Invalid, "geometry", "the areas of the collection can't be joined: %w", err)
	}
	return joined, nil
}

// under tells where in the enclosing object the fault is.
func under(err error, feature int, pointer string) error {
	if known, ok := errors.AsType[*plan.Error](err); ok {
		for i := range known.Findings {
			known.Findings[i].Feature, known.Findings[i].Pointer = feature, pointer+known.Findings[i].Pointer
		}
	}
	return err
}
