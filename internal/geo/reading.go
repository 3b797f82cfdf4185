package geo

import (
	"fmt"

	"strukturbild/internal/plan"
)

// Window is where imported coordinates must lie, in EPSG:3006: Västra Götaland with its sea and its neighbours.
var Window = plan.Box{MinX: 240_000, MinY: 6_320_000, MaxX: 500_000, MaxY: 6_590_000}

// Reading is a way to read a pair of numbers that puts it inside Window.
type Reading struct {
	CRS  CRS     // the system and axis order
	X, Y float64 // the place in EPSG:3006
}

// candidates are the systems and axis orders that stray coordinates are read as, likeliest first.
var candidates = []CRS{
	House, {code: 3006, flipped: true}, CRS84, {code: 4326, flipped: true},
	{code: 3007}, {code: 3007, flipped: true}, {code: 3008}, {code: 3008, flipped: true},
	{code: 3009}, {code: 3009, flipped: true}, {code: 3021}, {code: 3021, flipped: true},
	{code: 3857}, {code: 3857, flipped: true},
}

// Readings gives every way in which the pair of numbers falls into Window, likeliest first. The SWEREF 99 zones can't
// be told from each other by a single place.
func Readings(x, y float64) []Reading {
	var readings []Reading
	for _, c := range candidates {
		at := [2]float64{x, y}
		if c.ToHouse(at[:]) == nil && inWindow(at[0], at[1]) {
			readings = append(readings, Reading{c, at[0], at[1]})
		}
	}
	return readings
}

func inWindow(x, y float64) bool {
	return Window.MinX <= x && x <= Window.MaxX && Window.MinY <= y && y <= Window.MaxY
}

// Diagnose says in one sentence what raw coordinates x0, y0, x1, y1 ... look like that were declared as system c but
// fall outside Window; the zero Text when they look like nothing known.
func Diagnose(c CRS, coords []float64) plan.Text {
	if len(coords) < 2 {
		return plan.Text{}
	}
	if coords[0] == 0 && coords[1] == 0 {
		return plan.Text{SV: "koordinaten är 0, 0: läget saknas", EN: "the coordinate is 0, 0: the position is missing"}
	}
	for _, reading := range Readings(coords[0], coords[1]) {
		if !fits(reading.CRS, coords) {
			continue
		}
		return describe(c, reading.CRS)
	}
	return plan.Text{}
}

// fits reports whether all of the coordinates, read as system c, lie in Window. A thousand vertices tell enough.
func fits(c CRS, coords []float64) bool {
	step := max(len(coords)/2000, 1)
	for i := 0; i+1 < len(coords); i += 2 * step {
		at := [2]float64{coords[i], coords[i+1]}
		if c.ToHouse(at[:]) != nil || !inWindow(at[0], at[1]) {
			return false
		}
	}
	return true
}

// describe says how coordinates declared as one system look like another.
func describe(declared, seen CRS) plan.Text {
	if declared.system().way == seen.system().way {
		return plan.Text{
			SV: fmt.Sprintf("koordinaterna ser ut att ha omkastade axlar: %s betyder %s här, men de kommer som %s", declared.Name(), declared.axes(), seen.axes()),
			EN: fmt.Sprintf("looks axis-swapped: %s means %s here, but the coordinates come as %s", declared.Name(), declared.axes(), seen.axes()),
		}
	}
	text := plan.Text{
		SV: fmt.Sprintf("ser ut som %s i en fil som anger %s", seen.Name(), declared.Name()),
		EN: fmt.Sprintf("looks like %s in %s %s file", seen.Name(), article(declared.Name()), declared.Name()),
	}
	if seen.flipped {
		text.SV += ", med " + seen.axes() + " i den ordningen"
		text.EN += ", with " + seen.axes() + " in that order"
	}
	return text
}

func article(name string) string {
	if name[0] == 'E' {
		return "an"
	}
	return "a"
}
