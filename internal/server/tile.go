package server

import (
	"encoding/binary"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"
	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
	"strukturbild/internal/portray"
)

// OGC API Tiles (20-057): vector tiles of one layer, or of several together.

func (s *Server) getTileMatrixSets(c echo.Context) error {
	return s.json(c, ogc.MediaJSON, s.site(c).TileMatrixSets())
}

func (s *Server) getTileMatrixSet(c echo.Context) error {
	grid, err := geo.FindTileGrid(c.Param("grid"))
	if err != nil {
		return err
	}
	return s.json(c, ogc.MediaJSON, s.site(c).TileMatrixSet(grid))
}

func (s *Server) getTileSets(c echo.Context) error {
	asked, err := s.tiles(c, true)
	if err != nil {
		return err
	}
	sets, err := s.site(c).TileSets(asked.path, asked.contents())
	if err != nil {
		return err
	}
	return s.json(c, ogc.MediaJSON, sets)
}

func (s *Server) getTileSet(c echo.Context) error {
	grid, err := geo.FindTileGrid(c.Param("grid"))
	if err != nil {
		return err
	}
	asked, err := s.tiles(c, true)
	if err != nil {
		return err
	}
	if asked.request.IsTileJSON() {
		document, err := s.site(c).TileJSON(asked.path, grid, asked.contents(), asked.values)
		if err != nil {
			return err
		}
		return s.json(c, ogc.MediaJSON, document)
	}
	set, err := s.site(c).TileSet(asked.path, grid, asked.contents())
	if err != nil {
		return err
	}
	return s.json(c, ogc.MediaJSON, set)
}

// getTile answers with a vector tile; an empty one where there is nothing. Its ETag follows from its bytes, so that a
// client keeps what a revision has not touched.
func (s *Server) getTile(c echo.Context) error {
	tile, err := tileOf(c)
	if err != nil {
		return err
	}
	asked, err := s.tiles(c, false)
	if err != nil {
		return err
	}
	var body []byte
	var sums []byte
	for _, layer := range asked.layers {
		choice := portray.Choice{Attributes: asked.request.Attributes, Anchors: asked.request.Anchors}
		drawn, err := s.tileCache.Tile(c.Request().Context(), layer, tile, choice)
		if err != nil {
			return err
		}
		body = append(body, drawn.Body...)
		sums = binary.BigEndian.AppendUint64(sums, drawn.Sum)
	}
	s.varying(c)
	if notModified(c, `"`+strconv.FormatUint(xxhash.Sum64(sums), 36)+`"`) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, ogc.MediaMVT, body)
}

// tileOf reads which tile is asked for.
func tileOf(c echo.Context) (geo.Tile, error) {
	grid, err := geo.FindTileGrid(c.Param("grid"))
	if err != nil {
		return geo.Tile{}, err
	}
	var numbers [3]int
	for i, name := range []string{"zoom", "row", "column"} {
		if numbers[i], err = strconv.Atoi(c.Param(name)); err != nil {
			return geo.Tile{}, plan.Errorf(plan.Invalid, name, "%q is not a number; a tile is /{tileMatrix}/{tileRow}/{tileCol}", c.Param(name))
		}
	}
	return grid.Tile(numbers[0], numbers[1], numbers[2])
}

// tiles is a request for tiles or for what is said of them.
type tiles struct {
	path    string // of the documents: that of the collection, or "" for several
	values  url.Values
	request *ogc.TileRequest
	layers  []*atlas.Snapshot
}

func (t *tiles) contents() (list []ogc.Content) {
	for _, layer := range t.layers {
		list = append(list, content(layer))
	}
	return list
}

// tiles reads the request and finds its layers, as they are or were.
func (s *Server) tiles(c echo.Context, set bool) (t *tiles, err error) {
	t = &tiles{}
	if t.values, err = query(c); err != nil {
		return nil, err
	}
	at, err := s.asOf(c)
	if err != nil {
		return nil, err
	}
	s.showing(c, at)
	id := c.Param("layer")
	if id == "" {
		if t.request, err = ogc.ParseTile(t.values, nil, set); err == nil {
			t.layers, err = s.tileLayers(c, t.request.Collections, at)
		}
		return t, err
	}
	layer, err := s.layerAt(c, id, at)
	if err != nil {
		return nil, err
	}
	t.path, t.layers = "/collections/"+id, []*atlas.Snapshot{layer}
	t.request, err = ogc.ParseTile(t.values, layer.Layer(), set)
	return t, err
}

// tileLayers finds the layers of a tile of several: those that are named, or all that are stored and have a place.
func (s *Server) tileLayers(c echo.Context, ids []string, at plan.Revision) (layers []*atlas.Snapshot, err error) {
	if ids == nil {
		view, err := s.viewAt(c, at)
		if err != nil {
			return nil, err
		}
		layers = slices.DeleteFunc(slices.Clone(view.Snapshots()), func(layer *atlas.Snapshot) bool { return layer.Layer().GeometryType == plan.None })
		return layers[:min(len(layers), ogc.MostTileLayers)], nil
	}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return nil, plan.Errorf(plan.Invalid, "collections", "layer %q is named twice", id)
		}
		layer, err := s.layerAt(c, id, at)
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	return layers, nil
}
