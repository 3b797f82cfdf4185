package ogc

import (
	_ "embed" // the static part of the API document
	"encoding/json"
	"fmt"
	"slices"

	"strukturbild/internal/plan"
)

// skeleton is the part of the API document that does not depend on the layers.
//
//go:embed api.json
var skeleton []byte

// API is the API document (OpenAPI 3.0, part 1 of 17-069r4 section 9), as far as this package builds on it.
type API struct {
	OpenAPI    string              `json:"openapi"`
	Info       object              `json:"info"`
	Servers    []object            `json:"servers"`
	Tags       []object            `json:"tags"`
	Paths      map[string]pathItem `json:"paths"`
	Components struct {
		Parameters object `json:"parameters"`
		Headers    object `json:"headers"`
		Responses  object `json:"responses"`
		Schemas    object `json:"schemas"`
		Security   object `json:"securitySchemes"`
	} `json:"components"`
}

// pathItem gives the operations of an address by method.
type pathItem map[string]operation

type operation struct {
	ID         string   `json:"operationId"`
	Tags       []string `json:"tags"`
	Summary    string   `json:"summary"`
	Parameters []object `json:"parameters,omitempty"`
	Body       object   `json:"requestBody,omitempty"`
	Responses  object   `json:"responses"`
	Security   []object `json:"security,omitempty"`
}

// object is a JSON object.
type object = map[string]any

// API gives the API document of the layers. Every collection has its own paths, since QGIS and GDAL look there for the
// attributes that can be asked for.
func (s Site) API(layers []*plan.Layer) (*API, error) {
	api := &API{}
	if err := json.Unmarshal(skeleton, api); err != nil {
		return nil, fmt.Errorf("reading the embedded API document: %w", err)
	}
	api.Info["title"], api.Info["description"] = s.Language.of(siteTitle), s.Language.of(siteDescription)
	api.Servers = []object{{"url": s.base()}}
	for _, layer := range layers {
		s.addPaths(api.Paths, layer)
		api.Components.Schemas[layer.ID] = s.featureSchema(layer)
		api.Components.Schemas[layer.ID+".items"] = itemsSchema(layer)
	}
	return api, nil
}

func (s Site) addPaths(paths map[string]pathItem, layer *plan.Layer) {
	path := "/collections/" + layer.ID
	add := func(below, name string, success object, parameters ...object) {
		paths[path+below] = pathItem{"get": {ID: name + "_" + layer.ID, Tags: []string{"Data"}, Summary: s.Language.of(layer.Title), Parameters: parameters,
			Responses: object{"200": success, "400": response("Problem"), "404": response("Problem"), "default": response("Problem")}}}
	}
	add("", "describe", response("Collection"), parameter("f"))
	add("/schema", "getSchema", response("Schema"))
	add("/queryables", "getQueryables", response("Queryables"))
	add("/sortables", "getSortables", response("Sortables"))
	add("/schema.xsd", "getXMLSchema", response("XMLSchema"))
	add("/items", "getFeatures", features(layer.ID+".items"), s.itemsParameters(layer)...)
	add("/items/{featureId}", "getFeature", features(layer.ID), parameter("featureId"), parameter("crs"), parameter("revision"), parameter("at"), parameter("f"))
	if layer.GeometryType != plan.None {
		add("/tiles", "getTileSets", response("TileDocument"))
		add("/tiles/{tileMatrixSetId}", "getTileSet", response("TileDocument"), parameter("tileMatrixSetId"), parameter("f-tileset"))
		add("/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", "getTile", response("Tile"), parameter("tileMatrixSetId"), parameter("tileMatrix"),
			parameter("tileRow"), parameter("tileCol"), parameter("properties"), parameter("anchors"), parameter("revision"), parameter("at"))
	}
	if plan.IsDerived(layer.ID) {
		return
	}
	s.addEdits(paths[path+"/items"], paths[path+"/items/{featureId}"], layer)
}

// addEdits describes the writing of features (Part 4, 20-002).
func (s Site) addEdits(items, item pathItem, layer *plan.Layer) {
	add := func(to pathItem, method, name string, verb plan.Text, body object, parameters []object, responses object) {
		for status, response := range map[string]object{"400": response("Problem"), "401": response("Problem"), "403": response("Problem"), "default": response("Problem")} {
			responses[status] = response
		}
		to[method] = operation{ID: name + "_" + layer.ID, Tags: []string{"Data"}, Summary: s.Language.of(layer.Title) + ": " + s.Language.of(verb),
			Parameters: parameters, Body: body, Responses: responses, Security: []object{{"bearer": []string{}}, {"basic": []string{}}}}
	}
	shaped := []object{parameter("Content-Crs"), parameter("Prefer")}
	versioned := []object{parameter("featureId"), parameter("If-Match"), parameter("Strukturbild-Base")}
	changed := func() object {
		return object{"200": features(layer.ID), "204": response("Changed"), "404": response("Problem"), "412": response("Problem"), "415": response("Problem")}
	}
	add(items, "post", "createFeature", plan.Text{SV: "nytt objekt", EN: "new feature"}, body(MediaGeoJSON, layer.ID), shaped,
		object{"201": response("Created"), "415": response("Problem")})
	add(item, "put", "replaceFeature", plan.Text{SV: "ersätt", EN: "replace"}, body(MediaGeoJSON, layer.ID), append(shaped, versioned...), changed())
	add(item, "patch", "updateFeature", plan.Text{SV: "ändra", EN: "change"}, body(MediaMergePatch, "FeaturePatch"), append(shaped, versioned...), changed())
	add(item, "delete", "deleteFeature", plan.Text{SV: "ta bort", EN: "remove"}, nil, versioned,
		object{"204": response("Changed"), "404": response("Problem"), "412": response("Problem")})
}

func body(media, schema string) object {
	return object{"required": true, "content": object{media: object{"schema": reference(schema)}}}
}

func parameter(name string) object { return object{"$ref": "#/components/parameters/" + name} }

func response(name string) object { return object{"$ref": "#/components/responses/" + name} }

func features(schema string) object {
	headers := object{}
	for _, name := range []string{"Content-Crs", "Link", "Strukturbild-Revision"} {
		headers[name] = object{"$ref": "#/components/headers/" + name}
	}
	return object{"description": "The features", "headers": headers, "content": object{
		MediaGeoJSON: object{"schema": reference(schema)},
		mediaHTML:    object{"schema": object{"type": "string"}},
		MediaJSONFG:  object{"schema": object{"type": "object"}},
		GML32.Media:  object{"schema": object{"type": "string"}},
	}}
}

func reference(schema string) object { return object{"$ref": "#/components/schemas/" + schema} }

// itemsParameters lists the general parameters and the attributes. Numbers have no style: QGIS sends only those that
// have one, and would round a number to six digits.
func (s Site) itemsParameters(layer *plan.Layer) []object {
	var list []object
	for _, name := range itemsParameters {
		list = append(list, parameter(name))
	}
	for _, a := range layer.Attributes {
		if slices.Contains(itemsParameters, a.Name) {
			continue
		}
		p := object{"name": a.Name, "in": "query", "description": s.Language.of(a.Title), "schema": typeOf(a)}
		if a.Type != plan.Number {
			p["style"], p["explode"] = "form", false
		}
		list = append(list, p)
	}
	return list
}

func typeOf(a plan.Attribute) object {
	schema := object{"type": jsonTypes[a.Type][0]}
	if format := jsonTypes[a.Type][1]; format != "" {
		schema["format"] = format
	}
	return schema
}

// featureSchema gives the schema of a GeoJSON feature of the layer.
func (s Site) featureSchema(layer *plan.Layer) object {
	attributes := object{}
	for _, a := range layer.Attributes {
		schema := typeOf(a)
		schema["title"] = s.Language.of(a.Title)
		if !a.Required {
			schema["nullable"] = true
		}
		attributes[a.Name] = schema
	}
	return object{"type": "object", "required": []string{"type", "id", "geometry", "properties"}, "properties": object{
		"type":       object{"type": "string", "enum": []string{"Feature"}},
		"id":         object{"oneOf": []object{{"type": "string"}, {"type": "integer"}}},
		"geometry":   reference("Geometry"),
		"properties": object{"type": "object", "properties": attributes},
		"links":      object{"type": "array", "items": reference("Link")},
	}}
}

func itemsSchema(layer *plan.Layer) object {
	return object{"type": "object", "required": []string{"type", "features"}, "properties": object{
		"type":           object{"type": "string", "enum": []string{"FeatureCollection"}},
		"features":       object{"type": "array", "items": reference(layer.ID)},
		"numberReturned": object{"type": "integer"},
		"numberMatched":  object{"type": "integer"},
		"timeStamp":      object{"type": "string", "format": "date-time"},
		"links":          object{"type": "array", "items": reference("Link")},
	}}
}
