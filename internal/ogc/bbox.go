package ogc

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// ParseBox reads a bounding box of four or, with heights, six numbers (Part 1, 7.15.3), in the axis order of crs. The
// heights must be in order and are not used: no feature here has one. A box whose edges bend on the way into EPSG:3006
// becomes the polygon that it is there.
func ParseBox(text string, crs geo.CRS) (plan.Expression, error) {
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, fmt.Errorf("it has %d numbers; it must have four (least first, least second, greatest first, greatest second axis), or six with heights", len(parts))
	}
	numbers, err := parseNumbers(parts)
	if err != nil {
		return nil, err
	}
	if len(numbers) == 6 {
		if numbers[2] > numbers[5] {
			return nil, fmt.Errorf("its least height %v is greater than its greatest, %v", numbers[2], numbers[5])
		}
		numbers = []float64{numbers[0], numbers[1], numbers[3], numbers[4]}
	}
	return boxIn([4]float64(numbers), crs)
}

// boxIn takes a bounding box in a system, in its axis order, into the house.
func boxIn(numbers [4]float64, crs geo.CRS) (plan.Expression, error) {
	box, polygon, err := geo.BoxPolygon(numbers, crs)
	if err != nil || polygon == nil {
		return plan.BoxLiteral{Box: box}, err
	}
	return plan.GeometryLiteral{Geometries: []plan.Geometry{*polygon}}, nil
}

// parseNumbers reads finite numbers.
func parseNumbers(parts []string) ([]float64, error) {
	numbers := make([]float64, len(parts))
	for i, part := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q is not a finite number", clip(part))
		}
		numbers[i] = v
	}
	return numbers, nil
}
