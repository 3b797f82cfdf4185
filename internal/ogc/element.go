package ogc

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"strukturbild/internal/plan"
)

// Limits of XML that is read whole. How many bytes come is limited where they come from.
const (
	maxXMLDepth    = 2 * plan.MaxFilterDepth // XML nests a filter's operands one deeper than the filter is
	maxXMLElements = 200_000
)

// Element is an XML element that was read whole: a filter, a geometry, an action of a transaction.
type Element struct {
	Name       string // without its namespace: clients bind prefixes as they like, or not at all
	Space      string // the namespace
	Attributes []xml.Attr
	Children   []*Element
	Text       string // between the children
	Line       int    // where the element begins, from 1
}

// ParseXML reads a document of one element. DTDs are refused, and so entities are not expanded. The error is a plan.Error,
// Invalid, that tells the line.
func ParseXML(r io.Reader) (*Element, error) {
	d := NewXMLDecoder(r)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil, plan.Errorf(plan.Invalid, "", "the XML document is empty")
		}
		if err != nil {
			return nil, xmlFault(d, err)
		}
		if start, is := token.(xml.StartElement); is {
			return ReadElement(d, start)
		}
		if err := refuseDTD(d, token); err != nil {
			return nil, err
		}
	}
}

// NewXMLDecoder makes a decoder for what strangers send: strict, and of UTF-8 only.
func NewXMLDecoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("the encoding %q is not supported; send UTF-8", clip(charset))
	}
	return d
}

// ReadElement reads the rest of an element, of which the decoder has just given the start.
func ReadElement(d *xml.Decoder, start xml.StartElement) (*Element, error) {
	r := elementReader{decoder: d}
	return r.read(start)
}

type elementReader struct {
	decoder      *xml.Decoder
	depth, count int
}

func (r *elementReader) read(start xml.StartElement) (*Element, error) {
	r.depth++
	r.count++
	defer func() { r.depth-- }()
	line, _ := r.decoder.InputPos()
	e := &Element{Name: start.Name.Local, Space: start.Name.Space, Attributes: start.Copy().Attr, Line: line}
	if r.depth > maxXMLDepth || r.count > maxXMLElements {
		return nil, plan.Errorf(plan.TooLarge, "", "line %d: the XML is too large: at most %d elements, nested at most %d deep, are taken", line, maxXMLElements, maxXMLDepth)
	}
	var text strings.Builder
	for {
		token, err := r.decoder.Token()
		if err != nil {
			return nil, xmlFault(r.decoder, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := r.read(t)
			if err != nil {
				return nil, err
			}
			e.Children = append(e.Children, child)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			e.Text = text.String()
			return e, nil
		default:
			if err := refuseDTD(r.decoder, token); err != nil {
				return nil, err
			}
		}
	}
}

func refuseDTD(d *xml.Decoder, token xml.Token) error {
	if _, is := token.(xml.Directive); !is {
		return nil
	}
	line, _ := d.InputPos()
	return plan.Errorf(plan.Invalid, "", "line %d: a document type declaration is not taken", line)
}

func xmlFault(d *xml.Decoder, err error) error {
	line, column := d.InputPos()
	if errors.Is(err, io.EOF) {
		return plan.Errorf(plan.Invalid, "", "the XML ends too early")
	}
	if broken, is := errors.AsType[*xml.SyntaxError](err); is {
		return plan.Errorf(plan.Invalid, "", "line %d, column %d: the XML is malformed: %s", line, column, broken.Msg)
	}
	return plan.Errorf(plan.Invalid, "", "line %d, column %d: %w", line, column, err)
}

// Attribute gives the value of the attribute, whatever namespace it is in; false when it is not there.
func (e *Element) Attribute(name string) (string, bool) {
	for _, a := range e.Attributes {
		if a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

// Child gives the first child of one of the names, or nil.
func (e *Element) Child(names ...string) *Element {
	for _, child := range e.Children {
		for _, name := range names {
			if child.Name == name {
				return child
			}
		}
	}
	return nil
}

// XML gives the element as text again, its names without namespaces, which no reader here asks for.
func (e *Element) XML() string {
	var text strings.Builder
	e.write(&text)
	return text.String()
}

func (e *Element) write(text *strings.Builder) {
	text.WriteString("<" + e.Name)
	for _, a := range e.Attributes {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			text.WriteString(" " + a.Name.Local + `="` + escaped(a.Value) + `"`)
		}
	}
	text.WriteString(">" + escaped(e.Text))
	for _, child := range e.Children {
		child.write(text)
	}
	text.WriteString("</" + e.Name + ">")
}

// content gives all text in the element, that of its children too.
func (e *Element) content() string {
	if len(e.Children) == 0 {
		return e.Text
	}
	text := e.Text
	for _, child := range e.Children {
		text += child.content()
	}
	return strings.TrimSpace(text)
}

// fault tells what is wrong with the element.
func (e *Element) fault(format string, args ...any) error {
	return plan.Errorf(plan.Invalid, e.Name, "line %d, element %s: %w", e.Line, clip(e.Name), fmt.Errorf(format, args...))
}
