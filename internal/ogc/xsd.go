package ogc

import (
	"encoding/xml"
	"fmt"

	"strukturbild/internal/plan"
)

// Namespace is the XML namespace of the features.
const Namespace = "urn:x-strukturbild:features"

type xsdSchema struct {
	XMLName   xml.Name `xml:"xs:schema"`
	XS        string   `xml:"xmlns:xs,attr"`
	GML       string   `xml:"xmlns:gml,attr"`
	Own       string   `xml:"xmlns:sb,attr"`
	Target    string   `xml:"targetNamespace,attr"`
	Qualified string   `xml:"elementFormDefault,attr"`
	Import    struct {
		Namespace string `xml:"namespace,attr"`
		Location  string `xml:"schemaLocation,attr"`
	} `xml:"xs:import"`
	Feature xsdElement `xml:"xs:element"`
	Type    xsdType    `xml:"xs:complexType"`
}

type xsdType struct {
	Name      string `xml:"name,attr"`
	Extension struct {
		Base     string       `xml:"base,attr"`
		Elements []xsdElement `xml:"xs:sequence>xs:element"`
	} `xml:"xs:complexContent>xs:extension"`
}

type xsdElement struct {
	Name     string `xml:"name,attr"`
	Type     string `xml:"type,attr"`
	Group    string `xml:"substitutionGroup,attr,omitempty"`
	Least    string `xml:"minOccurs,attr,omitempty"`
	Nillable bool   `xml:"nillable,attr,omitempty"`
}

var xsdTypes = map[plan.Kind]string{
	plan.String:   "xs:string",
	plan.Integer:  "xs:long",
	plan.Number:   "xs:double",
	plan.Boolean:  "xs:boolean",
	plan.Date:     "xs:date",
	plan.DateTime: "xs:dateTime",
}

var gmlTypes = map[plan.GeometryType]string{
	plan.Point:   "gml:MultiPointPropertyType",
	plan.Line:    "gml:MultiCurvePropertyType",
	plan.Polygon: "gml:MultiSurfacePropertyType",
}

// XSD gives the layer's GML 3.2 application schema (simple features level 0): the only schema that GDAL reads a
// collection's geometry type and 64-bit integers from.
func XSD(layer *plan.Layer) ([]byte, error) {
	schema := xsdSchema{XS: "http://www.w3.org/2001/XMLSchema", GML: "http://www.opengis.net/gml/3.2", Own: Namespace, Target: Namespace, Qualified: "qualified"}
	schema.Import.Namespace = schema.GML
	schema.Import.Location = "http://schemas.opengis.net/gml/3.2.1/gml.xsd"
	schema.Feature = xsdElement{Name: layer.ID, Type: "sb:" + layer.ID + "Type", Group: "gml:AbstractFeature"}
	schema.Type.Name = layer.ID + "Type"
	schema.Type.Extension.Base = "gml:AbstractFeatureType"
	elements := &schema.Type.Extension.Elements
	if gml, spatial := gmlTypes[layer.GeometryType]; spatial {
		*elements = append(*elements, xsdElement{Name: "geometry", Type: gml})
	}
	for _, a := range layer.Attributes {
		element := xsdElement{Name: a.Name, Type: xsdTypes[a.Type]}
		if !a.Required {
			element.Least, element.Nillable = "0", true
		}
		*elements = append(*elements, element)
	}
	text, err := xml.MarshalIndent(schema, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("schema of layer %s: %w", layer.ID, err)
	}
	return append([]byte(xml.Header), text...), nil
}
