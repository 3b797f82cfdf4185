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
	Features []xsdElement `xml:"xs:element"`
	Types    []xsdType    `xml:"xs:complexType"`
	Lists    []xsdList    `xml:"xs:simpleType"`
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

// xsdList is a code list.
type xsdList struct {
	Name        string `xml:"name,attr"`
	Restriction struct {
		Base   string    `xml:"base,attr"`
		Values []xsdCode `xml:"xs:enumeration"`
	} `xml:"xs:restriction"`
}

type xsdCode struct {
	Value string `xml:"value,attr"`
	Title string `xml:"xs:annotation>xs:documentation,omitempty"`
}

var xsdTypes = map[plan.Kind]string{
	plan.String:   "xs:string",
	plan.Integer:  "xs:long",
	plan.Number:   "xs:double",
	plan.Boolean:  "xs:boolean",
	plan.Date:     "xs:date",
	plan.DateTime: "xs:dateTime",
}

// XSD gives the layers' application schema in the edition: flat, with types by name, which is all that GDAL and QGIS
// read, and the only schema that they read geometry types and 64-bit integers from.
func (e *GML) XSD(layers ...*plan.Layer) ([]byte, error) {
	schema := xsdSchema{XS: "http://www.w3.org/2001/XMLSchema", GML: e.namespace, Own: Namespace, Target: Namespace, Qualified: "qualified"}
	schema.Import.Namespace, schema.Import.Location = e.namespace, e.schema
	for _, layer := range layers {
		e.addType(&schema, layer)
	}
	text, err := xml.MarshalIndent(schema, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("schema in GML %s: %w", e.Version, err)
	}
	return append([]byte(xml.Header), text...), nil
}

func (e *GML) addType(schema *xsdSchema, layer *plan.Layer) {
	schema.Features = append(schema.Features, xsdElement{Name: layer.ID, Type: "sb:" + layer.ID + "Type", Group: e.feature})
	one := xsdType{Name: layer.ID + "Type"}
	one.Extension.Base = "gml:AbstractFeatureType"
	elements := &one.Extension.Elements
	if shape, spatial := e.shapes[layer.GeometryType]; spatial {
		*elements = append(*elements, xsdElement{Name: GeometryElement, Type: shape.property, Least: "0"}) // whoever wants attributes alone, gets no geometry
	}
	for _, a := range layer.Attributes {
		element := xsdElement{Name: a.Name, Type: xsdTypes[a.Type]}
		if len(a.Codes) > 0 {
			list := codeList(fmt.Sprintf("codes_%d", len(schema.Lists)+1), a.Codes)
			schema.Lists, element.Type = append(schema.Lists, list), "sb:"+list.Name
		}
		if !a.Required {
			element.Least, element.Nillable = "0", true
		}
		*elements = append(*elements, element)
	}
	schema.Types = append(schema.Types, one)
}

// GeometryElement is the name of every feature's geometry.
const GeometryElement = "geometry"

// codeList makes a type of a code list. Its name has a number, not the attribute's name: QGIS takes a type in whose name it finds
// "int" or "date" for just that.
func codeList(name string, codes []plan.CodeEntry) xsdList {
	list := xsdList{Name: name}
	list.Restriction.Base = xsdTypes[plan.String]
	for _, code := range codes {
		list.Restriction.Values = append(list.Restriction.Values, xsdCode{code.Value, Swedish.of(code.Title)})
	}
	return list
}
