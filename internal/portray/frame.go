package portray

import (
	"math"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

const (
	// Extent is the side of a tile in its whole numbers (MVT 2.1, 4.1).
	Extent = 4096
	// margin is how far geometries go on beyond the tile, so that borders drawn there do not show in it.
	margin = 64
	// pixel is what can be seen at the least: a tile is shown with 256 pixels or more.
	pixel = Extent / 256
	// coarse is the grid that vertices lie on where a later zoom shows more: a quarter of a pixel.
	coarse = pixel / 4
)

// frame tells where the whole numbers of a tile lie. A vertex has the same place in the plane whichever feature and tile
// it is drawn for, so what is shared stays shared.
type frame struct {
	tile  geo.Tile
	scale float64 // whole numbers a metre of the grid's system
	step  int     // whole numbers between the places that vertices may have
	west  int     // of the tile, in whole numbers from the grid's corner
	north int
	reach plan.Box // EPSG:3006: what lies outside does not show
	pixel float64  // metres in EPSG:3006, the smaller one
}

// newFrame makes the frame of a tile; ok is false where the tile is far from the region, and so empty.
func newFrame(tile geo.Tile) (f frame, ok bool, err error) {
	f = frame{tile: tile, scale: Extent / tile.Grid.TileSide(tile.Zoom), step: coarse, west: tile.Column * Extent, north: tile.Row * Extent}
	if tile.Zoom == tile.Grid.Deep {
		f.step = 1
	}
	if f.reach, err = tile.HouseBox(float64(margin) / Extent); err != nil || f.reach.IsEmpty() {
		return f, false, err
	}
	inner, err := tile.HouseBox(0)
	f.pixel = min(inner.MaxX-inner.MinX, inner.MaxY-inner.MinY) / (Extent / pixel)
	return f, !inner.IsEmpty(), err
}

// place is a vertex in whole numbers of a tile, from its upper left corner, y downward.
type place struct{ x, y int }

// place rounds coordinates of the grid's system.
func (f *frame) place(x, y float64) place {
	step := float64(f.step)
	return place{
		int(math.Round((x-f.tile.Grid.West)*f.scale/step))*f.step - f.west,
		int(math.Round((f.tile.Grid.North-y)*f.scale/step))*f.step - f.north,
	}
}

func (p place) within(margin int) bool {
	return p.x >= -margin && p.x <= Extent+margin && p.y >= -margin && p.y <= Extent+margin
}
