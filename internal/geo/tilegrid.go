package geo

import (
	"math"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// TileGrid is a tile matrix set (OGC 17-083r4): the plane of one system in squares, of which each next zoom has four in
// the place of one.
type TileGrid struct {
	ID    string
	Title plan.Text
	URI   string // in the OGC's register; "" when it has none there
	CRS   CRS    // easting first
	West  float64
	North float64 // of the upper left corner, metres of the system
	Side  float64 // of a tile at zoom 0, metres of the system
	Count int     // tiles in a row, and in a column, at zoom 0
	Deep  int     // the last zoom
}

// TileGrids lists the grids that are served, the Swedish one first: Lantmäteriet's (its WMTS, matrix set 3006; the open
// map stops at zoom 9, here it goes on in the same steps), and that of web maps (17-083r4, annex D.1).
var TileGrids = []*TileGrid{
	{ID: "SWEREF99TM", Title: plan.Text{SV: "SWEREF 99 TM, Lantmäteriets rutnät", EN: "SWEREF 99 TM, Lantmäteriet's grid"},
		CRS: House, West: -1_200_000, North: 8_500_000, Side: 256 * 4096, Count: 4, Deep: 13},
	{ID: "WebMercatorQuad", Title: plan.Text{SV: "Web Mercator, webbkartors rutnät", EN: "Web Mercator, the grid of web maps"},
		URI: "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
		CRS: CRS{code: 3857}, West: -mercatorEdge, North: mercatorEdge, Side: 2 * mercatorEdge, Count: 1, Deep: 16},
}

// mercatorEdge is half the equator of Web Mercator in metres (17-083r4, annex D.1).
const mercatorEdge = 20037508.3427892

// FindTileGrid finds a grid by its id. NotFound when there is none.
func FindTileGrid(id string) (*TileGrid, error) {
	i := slices.IndexFunc(TileGrids, func(g *TileGrid) bool { return g.ID == id })
	if i < 0 {
		ids := make([]string, len(TileGrids))
		for i, g := range TileGrids {
			ids[i] = g.ID
		}
		return nil, plan.Errorf(plan.NotFound, "tileMatrixSetId", "there is no tile matrix set %q; there are %s", clip(id), strings.Join(ids, " and "))
	}
	return TileGrids[i], nil
}

// TileSide gives the side of a tile in metres of the system.
func (g *TileGrid) TileSide(zoom int) float64 { return g.Side / float64(int(1)<<zoom) }

// Tiles gives how many tiles are in a row, and in a column.
func (g *TileGrid) Tiles(zoom int) int { return g.Count << zoom }

// Tile is one square of a grid, counted from the upper left corner.
type Tile struct {
	Grid              *TileGrid
	Zoom, Row, Column int
}

// Tile gives the tile. NotFound when the grid has no such tile.
func (g *TileGrid) Tile(zoom, row, column int) (Tile, error) {
	if zoom < 0 || zoom > g.Deep {
		return Tile{}, plan.Errorf(plan.NotFound, "tileMatrix", "%s has the tile matrices 0 to %d; %d is none of them", g.ID, g.Deep, zoom)
	}
	if last := g.Tiles(zoom) - 1; row < 0 || row > last || column < 0 || column > last {
		return Tile{}, plan.Errorf(plan.NotFound, "tileRow, tileCol", "tile matrix %d of %s has rows and columns 0 to %d; row %d, column %d lies outside", zoom, g.ID, last, row, column)
	}
	return Tile{g, zoom, row, column}, nil
}

// Box gives the bounds in the grid's system, easting first.
func (t Tile) Box() plan.Box {
	side := t.Grid.TileSide(t.Zoom)
	west, north := t.Grid.West+float64(t.Column)*side, t.Grid.North-float64(t.Row)*side
	return plan.Box{MinX: west, MinY: north - side, MaxX: west + side, MaxY: north}
}

// HouseBox gives the bounds in EPSG:3006 of the tile widened by a share of its side on every side; an empty box where
// that is far from the region.
func (t Tile) HouseBox(margin float64) (plan.Box, error) {
	return TransformBox(t.Box().Grow(margin*t.Grid.TileSide(t.Zoom)), t.Grid.CRS, House)
}

// TilesOver gives the rows and columns, last ones included, of the tiles at the zoom that touch a box of EPSG:3006.
func (g *TileGrid) TilesOver(box plan.Box, zoom int) (rows, columns [2]int, err error) {
	if box, err = TransformBox(box, House, g.CRS); err != nil {
		return rows, columns, err
	}
	side, last := g.TileSide(zoom), float64(g.Tiles(zoom)-1)
	at := func(metres float64) int { return int(min(max(math.Floor(metres/side), 0), last)) }
	return [2]int{at(g.North - box.MaxY), at(g.North - box.MinY)}, [2]int{at(box.MinX - g.West), at(box.MaxX - g.West)}, nil
}
