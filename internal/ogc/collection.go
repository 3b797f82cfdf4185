package ogc

import (
	"fmt"
	"math"
	"strings"
	"time"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Content is a layer with what is known of its features.
type Content struct {
	Layer    *plan.Layer
	Extent   plan.Box      // EPSG:3006; empty when there are no features
	Interval plan.Interval // of the date attributes; zero where nothing is known
	Count    int           // Uncounted when it is not known
}

// Uncounted says that it is not known how many features there are.
const Uncounted = -1

// Collections lists the collections (Part 1, 7.13). The systems are repeated in every collection: QGIS before 3.34 and
// GDAL look for them there, and take the first one (Part 2, 6.1.2).
type Collections struct {
	Links       []Link       `json:"links"`
	CRS         []string     `json:"crs"`
	Collections []Collection `json:"collections"`
}

// Collection describes one collection (Part 1, 7.14; Part 2, 6.1).
type Collection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Attribution string   `json:"attribution,omitempty"`
	Licence     string   `json:"license,omitempty"`
	Links       []Link   `json:"links"`
	Extent      *extent  `json:"extent,omitempty"`
	ItemType    string   `json:"itemType"`
	ItemCount   *int     `json:"itemCount,omitempty"` // nil when it is not known
	CRS         []string `json:"crs,omitempty"`
	StorageCRS  string   `json:"storageCrs,omitempty"`
}

type extent struct {
	Spatial  *spatialExtent  `json:"spatial,omitempty"`
	Temporal *temporalExtent `json:"temporal,omitempty"`
}

type spatialExtent struct {
	Box [][4]float64 `json:"bbox"`
	CRS string       `json:"crs"`
}

type temporalExtent struct {
	Interval [][2]*time.Time `json:"interval"`
	TRS      string          `json:"trs"`
}

// Collections gives the list of the layers, in their order.
func (s Site) Collections(contents []Content) (*Collections, error) {
	list := &Collections{Links: s.selfLinks("/collections"), CRS: SystemURIs(), Collections: make([]Collection, len(contents))}
	for i, content := range contents {
		one, err := s.Collection(content)
		if err != nil {
			return nil, err
		}
		list.Collections[i] = *one
	}
	return list, nil
}

// Collection describes the layer.
func (s Site) Collection(content Content) (*Collection, error) {
	layer := content.Layer
	c := &Collection{
		ID:          layer.ID,
		Title:       s.Language.of(layer.Title),
		Description: s.describe(layer),
		Attribution: layer.Source,
		Licence:     layer.Licence,
		Links:       s.collectionLinks(layer),
		ItemType:    "feature",
	}
	if content.Count != Uncounted {
		c.ItemCount = &content.Count
	}
	if layer.GeometryType != plan.None {
		c.CRS, c.StorageCRS = SystemURIs(), geo.House.URI()
	}
	var err error
	if c.Extent, err = extentOf(content); err != nil {
		return nil, fmt.Errorf("extent of layer %s: %w", layer.ID, err)
	}
	return c, nil
}

func (s Site) describe(layer *plan.Layer) string {
	text := s.Language.of(layer.Description)
	if !layer.Synthetic {
		return text
	}
	return strings.TrimSpace(s.Language.of(plan.Text{SV: "Syntetiska (påhittade) data. ", EN: "Synthetic (made up) data. "}) + text)
}

// collectionLinks gives the links of a collection. The items link has no parameters, since GDAL appends "/id" to it;
// describedBy, in the spelling of Part 1 before 1.0.1 that GDAL looks for, is how GDAL learns the types.
func (s Site) collectionLinks(layer *plan.Layer) []Link {
	path, schema := "/collections/"+layer.ID, plan.Text{SV: "Attribut", EN: "Attributes"}
	links := append(s.selfLinks(path), s.link(path+"/items", "items", MediaGeoJSON, layer.Title))
	for _, f := range formatsOf(layer)[1:] {
		links = append(links, s.link(path+"/items?f="+string(f), "items", f.Media(), layer.Title))
	}
	if layer.GeometryType != plan.None {
		links = append(links, s.link(path+"/tiles", relTilesets, MediaJSON, plan.Text{SV: "Vektorkartrutor", EN: "Vector tiles"}))
	}
	return append(links,
		s.link(path+"/schema", "http://www.opengis.net/def/rel/ogc/1.0/schema", MediaSchema, schema),
		s.link(path+"/schema", "describedby", MediaSchema, schema),
		s.link(path+"/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", MediaSchema, plan.Text{SV: "Attribut som filter kan nämna", EN: "Attributes that filters may name"}),
		s.link(path+"/sortables", "http://www.opengis.net/def/rel/ogc/1.0/sortables", MediaSchema, plan.Text{SV: "Attribut att ordna efter", EN: "Attributes to order by"}),
		s.link(path+"/schema.xsd", "describedBy", MediaXML, schema))
}

// extentOf gives the bounds in CRS84, rounded outward to 10 cm; nil when nothing is known.
func extentOf(content Content) (*extent, error) {
	e := &extent{}
	if !content.Extent.IsEmpty() {
		box, err := geo.TransformBox(content.Extent, geo.House, geo.CRS84)
		if err != nil {
			return nil, err
		}
		const grid = 1e6
		e.Spatial = &spatialExtent{CRS: geo.CRS84.URI(), Box: [][4]float64{{
			math.Floor(box.MinX*grid) / grid, math.Floor(box.MinY*grid) / grid,
			math.Ceil(box.MaxX*grid) / grid, math.Ceil(box.MaxY*grid) / grid}}}
	}
	if content.Interval != (plan.Interval{}) {
		e.Temporal = &temporalExtent{TRS: "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
			Interval: [][2]*time.Time{{moment(content.Interval.From), moment(content.Interval.To)}}}
	}
	if *e == (extent{}) {
		return nil, nil
	}
	return e, nil
}

// moment gives null for an open border.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Entry gives what a list of layers tells of one, in the language.
func (l Language) Entry(layer *plan.Layer) (title, abstract string, keywords []string) {
	for _, keyword := range layer.Keywords {
		keywords = append(keywords, l.of(keyword))
	}
	return l.of(layer.Title), Site{Language: l}.describe(layer), keywords
}
