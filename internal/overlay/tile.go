package overlay

import (
	"math"

	"strukturbild/internal/plan"
)

// TileM is the side of a tile in metres.
const TileM = 8000

// rim moves the borders of tiles off the numbers that coordinates have, and with them those of all cells: no vertex lies
// on one.
const rim = 0.0001234567

// Tile is a square of the plane, by its place among those of the whole plane: the unit of work, and of what is kept.
type Tile struct{ Column, Row int32 }

// Tiles lists the tiles that the box touches.
func Tiles(box plan.Box) (list []Tile) {
	if box.IsEmpty() {
		return nil
	}
	at := func(v float64) int32 { return int32(math.Floor((v - rim) / TileM)) }
	for row := at(box.MinY); row <= at(box.MaxY); row++ {
		for column := at(box.MinX); column <= at(box.MaxX); column++ {
			list = append(list, Tile{column, row})
		}
	}
	return list
}

// origin is what coordinates in the tile are counted from. It is a whole number of metres, so that counting from it loses
// no digit.
func (t Tile) origin() (x, y float64) { return float64(t.Column) * TileM, float64(t.Row) * TileM }

// Box gives the bounds of the tile.
func (t Tile) Box() plan.Box {
	x, y := t.origin()
	return plan.Box{MinX: x + rim, MinY: y + rim, MaxX: x + TileM + rim, MaxY: y + TileM + rim}
}

// rect is a cell, counted from the origin of its tile.
type rect struct{ x0, y0, x1, y1 float64 }

var wholeTile = rect{rim, rim, TileM + rim, TileM + rim}

func (r rect) side() float64 { return max(r.x1-r.x0, r.y1-r.y0) }
