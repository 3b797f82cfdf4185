package ogc

import (
	"strukturbild/internal/plan"
)

// Schema is the schema of a collection's features (Part 5, 23-058r1): clients learn types, units and code lists from
// it instead of guessing them from the first page, and the geometry type of an empty layer.
type Schema struct {
	Dialect    string              `json:"$schema"`
	ID         string              `json:"$id"`
	Title      string              `json:"title"`
	Type       string              `json:"type"`
	Properties map[string]property `json:"properties"`
	Required   []string            `json:"required,omitempty"`
	Additional bool                `json:"additionalProperties"`
}

type property struct {
	Title    string   `json:"title,omitempty"`
	Type     string   `json:"type,omitempty"`
	Format   string   `json:"format,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Unit     string   `json:"x-ogc-unit,omitempty"`
	UnitLang string   `json:"x-ogc-unitLang,omitempty"`
	Role     string   `json:"x-ogc-role,omitempty"`
	Sequence int      `json:"x-ogc-propertySeq,omitempty"`
}

// jsonTypes gives type and format of each kind.
var jsonTypes = map[plan.Kind][2]string{
	plan.String:   {"string", ""},
	plan.Integer:  {"integer", ""},
	plan.Number:   {"number", ""},
	plan.Boolean:  {"boolean", ""},
	plan.Date:     {"string", "date"},
	plan.DateTime: {"string", "date-time"},
}

var geometryFormats = map[plan.GeometryType]string{
	plan.Point:   "geometry-multipoint",
	plan.Line:    "geometry-multilinestring",
	plan.Polygon: "geometry-multipolygon",
}

// Schema gives the schema of the layer's features.
func (s Site) Schema(layer *plan.Layer) Schema {
	schema := s.newSchema(layer, "schema")
	if format, spatial := geometryFormats[layer.GeometryType]; spatial {
		schema.Properties["geometry"] = property{Format: format, Role: "primary-geometry"}
		schema.Required = append(schema.Required, "geometry")
	}
	for i, a := range layer.Attributes {
		schema.Properties[a.Name] = s.property(a, i+1)
		if a.Required {
			schema.Required = append(schema.Required, a.Name)
		}
	}
	return schema
}

func (s Site) property(a plan.Attribute, sequence int) property {
	p := property{Title: s.Language.of(a.Title), Type: jsonTypes[a.Type][0], Format: jsonTypes[a.Type][1], Sequence: sequence}
	if a.Unit != "" {
		p.Unit, p.UnitLang = a.Unit, "UCUM"
	}
	for _, code := range a.Codes {
		p.Enum = append(p.Enum, code.Value)
	}
	return p
}

func (s Site) newSchema(layer *plan.Layer, name string) Schema {
	return Schema{
		Dialect:    "https://json-schema.org/draft/2020-12/schema",
		ID:         s.collection(layer.ID) + "/" + name,
		Title:      s.Language.of(layer.Title),
		Type:       "object",
		Properties: map[string]property{},
	}
}

// Queryables gives the schema of what filters may name (Part 3, 6.2; Part 5, 9): the attributes, the id and the geometry.
func (s Site) Queryables(layer *plan.Layer) Schema {
	schema := s.Sortables(layer)
	schema.ID = s.collection(layer.ID) + "/queryables"
	if format, spatial := geometryFormats[layer.GeometryType]; spatial {
		schema.Properties[plan.GeometryProperty] = property{Format: format, Role: "primary-geometry"}
	}
	return schema
}

// Sortables gives the schema of what features may be ordered by (Part 5, 10).
func (s Site) Sortables(layer *plan.Layer) Schema {
	schema := s.newSchema(layer, "sortables")
	schema.Properties[plan.IDProperty] = property{Type: "string", Role: "id"}
	for i, a := range layer.Attributes {
		schema.Properties[a.Name] = s.property(a, i+1)
	}
	return schema
}
