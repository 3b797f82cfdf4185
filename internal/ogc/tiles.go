package ogc

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Media types of tiles.
const (
	MediaMVT      = "application/vnd.mapbox-vector-tile"
	mediaTileJSON = "application/vnd.mapbox-tilejson+json"
)

const (
	relTilesets     = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relTileGrid     = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
	relTileGrids    = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
	relGeodata      = "http://www.opengis.net/def/rel/ogc/1.0/geodata"
	tileTemplate    = "/{tileMatrix}/{tileRow}/{tileCol}"
	tileJSONFormat  = Format("tilejson")
	tileFormat      = Format("mvt")
	standardPixel   = 0.00028 // metres (17-083r4, 6.1.1.1)
	pixelsInTheSide = 256
)

// TileMatrixSets lists the grids (20-057, 8.2).
type TileMatrixSets struct {
	TileMatrixSets []TileMatrixSetItem `json:"tileMatrixSets"`
}

// TileMatrixSetItem names a grid.
type TileMatrixSetItem struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URI   string `json:"uri,omitempty"`
	CRS   string `json:"crs"`
	Links []Link `json:"links"`
}

// TileMatrixSet describes a grid (17-083r4, 7).
type TileMatrixSet struct {
	ID           string       `json:"id"`
	Title        string       `json:"title"`
	URI          string       `json:"uri,omitempty"`
	CRS          string       `json:"crs"`
	OrderedAxes  []string     `json:"orderedAxes"`
	TileMatrices []TileMatrix `json:"tileMatrices"`
}

// TileMatrix describes one zoom of a grid.
type TileMatrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"`
	CornerOfOrigin   string     `json:"cornerOfOrigin"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"` // in the axis order of the system
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

// TileSets lists the tile sets of a layer or of all layers (20-057, 9).
type TileSets struct {
	Links    []Link    `json:"links"`
	TileSets []TileSet `json:"tilesets"`
}

// TileSet describes tiles in one grid (17-083r4, 9).
type TileSet struct {
	Title         string        `json:"title"`
	DataType      string        `json:"dataType"`
	CRS           string        `json:"crs"`
	TileMatrixSet string        `json:"tileMatrixSetURI,omitempty"`
	Links         []Link        `json:"links"`
	Limits        []TileLimits  `json:"tileMatrixSetLimits,omitempty"`
	BoundingBox   *TileBox      `json:"boundingBox,omitempty"`
	Layers        []TileContent `json:"layers,omitempty"`
}

// TileLimits says which tiles of a zoom there are (17-083r4, 8).
type TileLimits struct {
	TileMatrix string `json:"tileMatrix"`
	MinRow     int    `json:"minTileRow"`
	MaxRow     int    `json:"maxTileRow"`
	MinColumn  int    `json:"minTileCol"`
	MaxColumn  int    `json:"maxTileCol"`
}

// TileBox is the bounds of what there is, in CRS84.
type TileBox struct {
	LowerLeft  [2]float64 `json:"lowerLeft"`
	UpperRight [2]float64 `json:"upperRight"`
	CRS        string     `json:"crs"`
}

// TileContent describes a layer of a tile.
type TileContent struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	DataType    string `json:"dataType"`
	Dimension   int    `json:"geometryDimension"`
	Schema      Schema `json:"propertiesSchema"`
	Links       []Link `json:"links"`
}

// TileJSON is version 3.0.0 of that document: what web maps read. It knows of the grid of web maps only.
type TileJSON struct {
	TileJSON    string        `json:"tilejson"`
	Name        string        `json:"name"`
	Attribution string        `json:"attribution,omitempty"`
	Scheme      string        `json:"scheme"`
	Tiles       []string      `json:"tiles"`
	MinZoom     int           `json:"minzoom"`
	MaxZoom     int           `json:"maxzoom"`
	Bounds      []float64     `json:"bounds,omitempty"`
	Layers      []VectorLayer `json:"vector_layers"`
}

// VectorLayer describes a layer in TileJSON (3.3).
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// TileMatrixSets lists the grids.
func (s Site) TileMatrixSets() TileMatrixSets {
	var list TileMatrixSets
	for _, grid := range geo.TileGrids {
		list.TileMatrixSets = append(list.TileMatrixSets, TileMatrixSetItem{grid.ID, s.Language.of(grid.Title), grid.URI, grid.CRS.URI(),
			[]Link{s.link("/tileMatrixSets/"+grid.ID, "self", MediaJSON, grid.Title)}})
	}
	return list
}

// TileMatrixSet describes a grid.
func (s Site) TileMatrixSet(grid *geo.TileGrid) TileMatrixSet {
	set := TileMatrixSet{ID: grid.ID, Title: s.Language.of(grid.Title), URI: grid.URI, CRS: grid.CRS.URI(), OrderedAxes: []string{"E", "N"}}
	origin := [2]float64{grid.West, grid.North}
	if grid.CRS.WithURIOrder().Flipped() {
		origin, set.OrderedAxes = [2]float64{grid.North, grid.West}, []string{"N", "E"}
	}
	for zoom := range grid.Deep + 1 {
		cell := grid.TileSide(zoom) / pixelsInTheSide
		set.TileMatrices = append(set.TileMatrices, TileMatrix{strconv.Itoa(zoom), cell / standardPixel, cell, "topLeft", origin,
			pixelsInTheSide, pixelsInTheSide, grid.Tiles(zoom), grid.Tiles(zoom)})
	}
	return set
}

// TileSets lists the tile sets of what is under the path: "" for all layers, or the path of a collection.
func (s Site) TileSets(path string, contents []Content) (*TileSets, error) {
	list := &TileSets{Links: []Link{s.link(path+"/tiles", "self", MediaJSON, plan.Text{})}}
	for _, grid := range geo.TileGrids {
		set, err := s.TileSet(path, grid, contents)
		if err != nil {
			return nil, err
		}
		set.Limits, set.Layers = nil, nil // told by the set itself
		list.TileSets = append(list.TileSets, *set)
	}
	return list, nil
}

// TileSet describes the tiles of the layers in a grid.
func (s Site) TileSet(path string, grid *geo.TileGrid, contents []Content) (*TileSet, error) {
	at := path + "/tiles/" + grid.ID
	tiles := s.link(at+tileTemplate, "item", MediaMVT, plan.Text{SV: "Vektorkartrutor", EN: "Vector tiles"})
	tiles.Templated = true
	set := &TileSet{Title: s.Language.of(grid.Title), DataType: "vector", CRS: grid.CRS.URI(), TileMatrixSet: grid.URI,
		Links: []Link{s.link(at, "self", MediaJSON, plan.Text{}), s.link("/tileMatrixSets/"+grid.ID, relTileGrid, MediaJSON, grid.Title), tiles}}
	if grid.URI != "" {
		set.Links = append(set.Links, s.link(at+"?f="+string(tileJSONFormat), "alternate", mediaTileJSON, plan.Text{SV: "TileJSON", EN: "TileJSON"}))
	}
	extent := extentOfAll(contents)
	if err := set.bound(grid, extent); err != nil {
		return nil, err
	}
	for _, content := range contents {
		if content.Layer.GeometryType != plan.None {
			set.Layers = append(set.Layers, s.tileContent(content.Layer))
		}
	}
	return set, nil
}

func extentOfAll(contents []Content) plan.Box {
	extent := plan.EmptyBox
	for _, content := range contents {
		extent = extent.Union(content.Extent)
	}
	return extent
}

// bound says where there are tiles.
func (t *TileSet) bound(grid *geo.TileGrid, box plan.Box) error {
	if box.IsEmpty() {
		return nil
	}
	for zoom := range grid.Deep + 1 {
		rows, columns, err := grid.TilesOver(box, zoom)
		if err != nil {
			return err
		}
		t.Limits = append(t.Limits, TileLimits{strconv.Itoa(zoom), rows[0], rows[1], columns[0], columns[1]})
	}
	degrees, err := geo.TransformBox(box, geo.House, geo.CRS84)
	if err == nil {
		t.BoundingBox = &TileBox{[2]float64{degrees.MinX, degrees.MinY}, [2]float64{degrees.MaxX, degrees.MaxY}, geo.CRS84.URI()}
	}
	return err
}

// dimensions of geometries.
var dimensions = map[plan.GeometryType]int{plan.Point: 0, plan.Line: 1, plan.Polygon: 2}

func (s Site) tileContent(layer *plan.Layer) TileContent {
	schema := s.Schema(layer)
	return TileContent{layer.ID, s.Language.of(layer.Title), s.describe(layer), "vector", dimensions[layer.GeometryType], schema,
		[]Link{s.link("/collections/"+layer.ID, relGeodata, MediaJSON, layer.Title)}}
}

// TileJSON describes the tiles of the layers for web maps. NotFound for another grid than theirs.
func (s Site) TileJSON(path string, grid *geo.TileGrid, contents []Content, values url.Values) (*TileJSON, error) {
	if grid.URI == "" {
		return nil, plan.Errorf(plan.NotFound, "f", "TileJSON knows of Web Mercator only, and %s is another grid: leave out f=tilejson", grid.ID)
	}
	document := &TileJSON{TileJSON: "3.0.0", Name: s.Language.of(siteTitle), Scheme: "xyz", MaxZoom: grid.Deep,
		Tiles: []string{address(s.base()+path+"/tiles/"+grid.ID+"/{z}/{y}/{x}", with(values, "f", ""))}}
	if box := extentOfAll(contents); !box.IsEmpty() {
		degrees, err := geo.TransformBox(box, geo.House, geo.CRS84)
		if err != nil {
			return nil, err
		}
		document.Bounds = []float64{degrees.MinX, degrees.MinY, degrees.MaxX, degrees.MaxY}
	}
	var sources []string
	for _, content := range contents {
		if layer := content.Layer; layer.GeometryType != plan.None {
			document.Layers = append(document.Layers, s.vectorLayer(layer, grid))
			if layer.Source != "" && !slices.Contains(sources, layer.Source) {
				sources = append(sources, layer.Source)
			}
		}
	}
	if len(contents) == 1 {
		document.Name = s.Language.of(contents[0].Layer.Title)
	}
	document.Attribution = strings.Join(sources, ", ")
	return document, nil
}

// tileJSONTypes are the words that TileJSON's makers use for types.
var tileJSONTypes = map[plan.Kind]string{plan.Integer: "Number", plan.Number: "Number", plan.Boolean: "Boolean"}

func (s Site) vectorLayer(layer *plan.Layer, grid *geo.TileGrid) VectorLayer {
	fields := map[string]string{"id": "String"}
	for _, a := range layer.Attributes {
		fields[a.Name] = "String"
		if word := tileJSONTypes[a.Type]; word != "" {
			fields[a.Name] = word
		}
	}
	return VectorLayer{layer.ID, s.Language.of(layer.Title), 0, grid.Deep, fields}
}

// TileRequest is what is asked for of a tile or a tile set.
type TileRequest struct {
	Format      Format   // tilejson, or "" for what there is otherwise
	Collections []string // nil: not said
	Attributes  []string // nil: all
	Anchors     bool
}

// MostTileLayers is how many layers a tile may have.
const MostTileLayers = 20

// ParseTile reads the parameters of a tile, or of a tile set, which all its tiles then have. layer is nil for tiles of
// all layers.
func ParseTile(values url.Values, layer *plan.Layer, set bool) (*TileRequest, error) {
	p := &parameters{values: values}
	known := append([]string{"f", "properties", "anchors"}, Moment...)
	r := &TileRequest{}
	if layer == nil {
		known = append(known, "collections")
		if text, sent := p.take("collections"); sent {
			r.Collections = strings.Split(text, ",") // 20-057, 12
		}
		if len(r.Collections) > MostTileLayers {
			p.fault("collections", "names %d layers; a tile has at most %d", len(r.Collections), MostTileLayers)
		}
	}
	r.Format = p.tileFormat(set)
	if text, sent := p.take("properties"); sent {
		r.Attributes = p.attributes(text, layer)
	}
	if text, sent := p.take("anchors"); sent {
		var err error
		if r.Anchors, err = strconv.ParseBool(text); err != nil {
			p.fault("anchors", "is %q; use true or false", clip(text))
		}
	}
	p.onlyKnown(known)
	return r, p.err()
}

func (p *parameters) tileFormat(set bool) Format {
	text, sent := p.take("f")
	formats := []Format{tileFormat}
	if set {
		formats = []Format{JSON, tileJSONFormat}
	}
	if sent && !slices.Contains(formats, Format(text)) {
		p.fault("f", "is %q; use %s", clip(text), fmt.Sprintf("%s", formats))
	}
	return Format(text)
}

// attributes reads a list of attributes; of many layers each shows those that it has.
func (p *parameters) attributes(text string, layer *plan.Layer) []string {
	names := []string{}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name == "" || name == "id" {
			continue
		}
		if layer != nil && !slices.ContainsFunc(layer.Attributes, func(a plan.Attribute) bool { return a.Name == name }) {
			p.fault("properties", "names %q, which layer %s does not have", clip(name), layer.ID)
		}
		names = append(names, name)
	}
	return names
}

// IsTileJSON reports whether that form is asked for.
func (r *TileRequest) IsTileJSON() bool { return r.Format == tileJSONFormat }
