package geo

import (
	"fmt"
	"math"
	"strings"

	"strukturbild/internal/plan"
)

// Window is where imported coordinates must lie, in EPSG:3006: Västra Götaland with its sea and its neighbours.
var Window = plan.Box{MinX: 240_000, MinY: 6_320_000, MaxX: 500_000, MaxY: 6_590_000}

// Reading is a way to read a pair of numbers that puts it inside Window.
type Reading struct {
	CRS  CRS     // the system and axis order
	X, Y float64 // the place in EPSG:3006
}

// candidate is a system that stray coordinates are read as.
type candidate struct {
	code  int
	reach float64 // how far from its central meridian the system is drawn, metres east or west; 0 for anywhere
	false float64 // its false easting, metres
}

// candidates are likeliest first. A local zone is drawn near its meridian only: what lies farther off is no reading, or
// every coordinate of SWEREF 99 TM would be one of 12 00 too.
var candidates = []candidate{
	{3006, 0, 0}, {0, 0, 0},
	{3007, 100_000, 150_000}, {3008, 100_000, 150_000}, {3009, 100_000, 150_000}, {3012, 100_000, 150_000}, {3013, 100_000, 150_000},
	{3021, 0, 0}, {3020, 150_000, 1_500_000}, {3019, 150_000, 1_500_000},
	{3857, 0, 0},
}

// in gives the system, whichever way its axes stand. WGS 84 with the latitude first is called EPSG:4326.
func (c candidate) in(flipped bool) CRS {
	if c.code == 0 && flipped {
		return CRS{4326, true}
	}
	return CRS{c.code, flipped}
}

// draws reports whether the system is used where a coordinate lies.
func (c candidate) draws(x, y float64, flipped bool) bool {
	if flipped {
		x = y
	}
	return c.reach == 0 || math.Abs(x-c.false) <= c.reach
}

// Readings gives every way in which the pair of numbers falls into Window, likeliest first. Neighbouring zones can't be
// told from each other by a single place, and often not by a whole file.
func Readings(x, y float64) []Reading {
	var readings []Reading
	for _, flipped := range []bool{false, true} {
		for _, c := range candidates {
			at := [2]float64{x, y}
			if crs := c.in(flipped); c.draws(x, y, flipped) && crs.ToHouse(at[:]) == nil && inWindow(at[0], at[1]) {
				readings = append(readings, Reading{crs, at[0], at[1]})
			}
		}
	}
	return readings
}

func inWindow(x, y float64) bool {
	return Window.MinX <= x && x <= Window.MaxX && Window.MinY <= y && y <= Window.MaxY
}

// Diagnose says in one sentence what raw coordinates x0, y0, x1, y1 ... look like that were declared as system c but
// fall outside Window: every system and axis order that puts all of them inside, and the parameters that choose it. The
// zero Text when they look like nothing known.
func Diagnose(c CRS, coords []float64) plan.Text {
	if len(coords) < 2 {
		return plan.Text{}
	}
	if coords[0] == 0 && coords[1] == 0 {
		return plan.Text{SV: "koordinaten är 0, 0: läget saknas", EN: "the coordinate is 0, 0: the position is missing"}
	}
	var seen []CRS
	for _, reading := range Readings(coords[0], coords[1]) {
		if fits(reading.CRS, coords) {
			seen = append(seen, reading.CRS)
		}
	}
	if len(seen) == 0 {
		return plan.Text{}
	}
	return describe(c, seen)
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

// describe says how coordinates declared as one system look like others.
func describe(declared CRS, seen []CRS) plan.Text {
	list := Choices(seen)
	if len(seen) == 1 && declared.system().way == seen[0].system().way {
		return plan.Text{
			SV: fmt.Sprintf("koordinaterna ser ut att ha omkastade axlar: %s betyder %s här, men de kommer som %s (%s)", declared.Name(), declared.axes(), seen[0].axes(), seen[0].Parameters()),
			EN: fmt.Sprintf("looks axis-swapped: %s means %s here, but the coordinates come as %s (%s)", declared.Name(), declared.axes(), seen[0].axes(), seen[0].Parameters()),
		}
	}
	return plan.Text{
		SV: fmt.Sprintf("ser ut som %s i en fil som anger %s", list.SV, declared.Name()),
		EN: fmt.Sprintf("looks like %s in %s %s file", list.EN, article(declared.Name()), declared.Name()),
	}
}

// Choices lists systems and axis orders, each with the parameters that choose it.
func Choices(systems []CRS) plan.Text {
	list := make([]string, len(systems))
	for i, c := range systems {
		list[i] = fmt.Sprintf("%s %s (%s)", c.Name(), c.Title(), c.Parameters())
		if c.flipped {
			list[i] = fmt.Sprintf("%s %s, %s (%s)", c.Name(), c.Title(), c.axes(), c.Parameters())
		}
	}
	return plan.Text{SV: strings.Join(list, " eller "), EN: strings.Join(list, " or ")}
}

func article(name string) string {
	if name[0] == 'E' {
		return "an"
	}
	return "a"
}
