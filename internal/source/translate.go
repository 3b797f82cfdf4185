package source

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// county is the bounding box of Västra Götaland with its waters, in EPSG:3006. Its own polygon is generalised, and
// leaves out islands: what touches the box and stays within the window of the region is kept.
var county = plan.Box{MinX: 260_000, MinY: 6_330_000, MaxX: 490_000, MaxY: 6_580_000}

// translator turns features of the dataset into features of the layer.
type translator struct {
	source *Source
	layer  *plan.Layer
	crs    geo.CRS
	out    *bufio.Writer
	tally  plan.Tally
	told   Hearing
	wanted []wantedColumn
}

// wantedColumn is an attribute and how its value is found.
type wantedColumn struct {
	attribute plan.Attribute
	Column
}

func newTranslator(s *Source, layer *plan.Layer, w io.Writer) (*translator, error) {
	t := &translator{source: s, layer: layer, out: bufio.NewWriterSize(w, 1<<16)}
	var err error
	if t.crs, err = geo.ParseCRS(s.CRS); err != nil {
		return nil, err
	}
	t.crs = t.crs.WithXYOrder() // GeoJSON is x, y whatever the name says
	for _, a := range layer.Attributes {
		if column, mapped := s.Map[a.Name]; mapped {
			t.wanted = append(t.wanted, wantedColumn{a, column})
		}
	}
	if len(t.wanted) < len(s.Map) {
		return nil, plan.Errorf(plan.Invalid, "source", "the layer %q lacks an attribute that the source %q maps a column to: %v",
			layer.ID, s.ID, slices.DeleteFunc(keys(s.Map), func(name string) bool { return layer.Attribute(name) >= 0 }))
	}
	return t, nil
}

func keys(m map[string]Column) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// feature is a GeoJSON feature as it comes.
type feature struct {
	Properties map[string]any  `json:"properties"`
	Geometry   json.RawMessage `json:"geometry"`
}

// collect reads a GeoJSON FeatureCollection, or features one after the other, and writes those that are kept.
func (t *translator) collect(r io.Reader) error {
	decoder := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return t.out.Flush()
		}
		if err != nil {
			return unreadable(err)
		}
		if token != json.Delim('{') {
			return unreadable(fmt.Errorf("it begins with %v instead of an object", token))
		}
		if err := t.object(decoder); err != nil {
			return err
		}
	}
}

func unreadable(err error) error {
	return plan.Errorf(plan.Invalid, "source", "what the source gave can't be read as GeoJSON: %w", err)
}

// object reads the members of a collection or of a single feature.
func (t *translator) object(decoder *json.Decoder) error {
	var single struct {
		feature
		isFeature bool
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return unreadable(err)
		}
		switch name {
		case "features":
			err = t.features(decoder)
		case "type":
			var kind string
			err = decoder.Decode(&kind)
			single.isFeature = kind == "Feature"
		case "properties":
			err = decoder.Decode(&single.Properties)
		case "geometry":
			err = decoder.Decode(&single.Geometry)
		case "crs":
			err = t.system(decoder)
		case "error": // ArcGIS answers 200 and says so in the body
			var fault json.RawMessage
			if err = decoder.Decode(&fault); err == nil {
				return plan.Errorf(plan.Unavailable, "source", "the source answered with an error: %.300s", fault)
			}
		default:
			var skipped json.RawMessage
			err = decoder.Decode(&skipped)
		}
		if err != nil {
			return unreadable(err)
		}
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return unreadable(err)
	}
	if single.isFeature {
		return t.take(&single.feature)
	}
	return nil
}

func (t *translator) features(decoder *json.Decoder) error {
	if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
		return errors.Join(err, fmt.Errorf("features is %v instead of a list", token))
	}
	for decoder.More() {
		var f feature
		if err := decoder.Decode(&f); err != nil {
			return err
		}
		if err := t.take(&f); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// system holds the crs member against what the catalogue says: the publisher may have changed it.
func (t *translator) system(decoder *json.Decoder) error {
	var member struct {
		Properties struct{ Name string } `json:"properties"`
	}
	if err := decoder.Decode(&member); err != nil {
		return err
	}
	name := member.Properties.Name
	if name == "" {
		return nil
	}
	said, err := geo.ParseCRS(name)
	if err != nil || said.WithXYOrder() != t.crs {
		return plan.Errorf(plan.Invalid, "source", "the source now comes in %s, but the catalogue says %s", name, t.source.CRS)
	}
	return nil
}

// take writes the feature, if it is one to keep.
func (t *translator) take(f *feature) error {
	t.tally.Seen++
	t.told.feature()
	columns := make(map[string]any, len(f.Properties))
	for name, value := range f.Properties {
		columns[strings.ToLower(name)] = value
	}
	if !t.keeps(columns) {
		t.tally.Other++
		return nil
	}
	if t.layer.GeometryType != plan.None {
		if near, placed := t.place(f.Geometry); !near {
			if placed {
				t.tally.Outside++
			} else {
				t.tally.NoPlace++
			}
			return nil
		}
	}
	id := t.key(columns)
	if id == "" {
		t.tally.Keyless++
		return nil
	}
	t.tally.Kept++
	return t.write(id, columns, f.Geometry)
}

func (t *translator) keeps(columns map[string]any) bool {
	for _, condition := range t.source.Filter {
		if !condition.holds(text(lookup(columns, condition.Column))) {
			return false
		}
	}
	return true
}

func (c *Condition) holds(value string) bool {
	switch {
	case value == "":
		return c.Absent
	case slices.ContainsFunc(c.In, func(one string) bool { return strings.EqualFold(one, value) }):
		return true
	case c.Has != "" && strings.Contains(strings.ToLower(value), strings.ToLower(c.Has)):
		return true
	}
	return slices.ContainsFunc(c.Prefix, func(p string) bool { return strings.HasPrefix(strings.ToLower(value), strings.ToLower(p)) })
}

// lookup gives the value of the first of the names that is there.
func lookup(columns map[string]any, names []string) any {
	for _, name := range names {
		if value, found := columns[strings.ToLower(name)]; found && value != nil {
			return value
		}
	}
	return nil
}

// place tells whether the geometry touches the county and stays near it; placed is false when it has no place at all.
func (t *translator) place(raw json.RawMessage) (near, placed bool) {
	var g struct {
		Coordinates any `json:"coordinates"`
	}
	if json.Unmarshal(raw, &g) != nil {
		return false, false
	}
	var coords []float64
	positions(g.Coordinates, &coords)
	if len(coords) == 0 || !slices.ContainsFunc(coords, func(v float64) bool { return v != 0 }) {
		return false, false
	}
	if t.crs.ToHouse(coords) != nil {
		return false, true
	}
	box := plan.EmptyBox
	for i := 0; i < len(coords); i += 2 {
		box = box.Union(plan.Box{MinX: coords[i], MinY: coords[i+1], MaxX: coords[i], MaxY: coords[i+1]})
	}
	return geo.Window.Contains(box) && box.Intersects(county), true
}

// positions gathers the x and y of every position.
func positions(node any, into *[]float64) {
	list, _ := node.([]any)
	if len(list) >= 2 {
		x, isX := list[0].(float64)
		y, isY := list[1].(float64)
		if isX && isY {
			*into = append(*into, x, y)
			return
		}
	}
	for _, inner := range list {
		positions(inner, into)
	}
}

// key gives the id: the values of the key columns, joined, in the letters that an id may have.
func (t *translator) key(columns map[string]any) string {
	var parts []string
	for _, column := range t.source.Key {
		part := identifier(text(lookup(columns, strings.Split(column, "|"))))
		if part == "" {
			return ""
		}
		parts = append(parts, part)
	}
	id := strings.Join(parts, ":")
	if !plan.FeatureID.MatchString(id) {
		return ""
	}
	return id
}

// write puts the feature on a line of its own (a sequence of features, which package ingest reads).
func (t *translator) write(id string, columns map[string]any, geometry json.RawMessage) error {
	properties := make(map[string]any, len(t.wanted))
	for _, want := range t.wanted {
		properties[want.attribute.Name] = want.value(columns)
	}
	if len(geometry) == 0 || t.layer.GeometryType == plan.None {
		geometry = json.RawMessage("null")
	}
	line, err := json.Marshal(map[string]any{"type": "Feature", "id": id, "properties": properties, "geometry": geometry})
	if err != nil {
		return err
	}
	_, _ = t.out.Write(line) // the error comes again with Flush
	return t.out.WriteByte('\n')
}
