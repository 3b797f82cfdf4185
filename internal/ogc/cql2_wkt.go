package ogc

import (
	"fmt"
	"strings"

	"strukturbild/internal/plan"
)

func (p *textParser) bbox(t token) plan.Expression {
	numbers := p.numbers(",")
	p.expect(")")
	if p.err != nil {
		return nil
	}
	box, err := p.CQL2.bbox(numbers)
	if err != nil {
		p.fault(t.at, "%w", err)
	}
	return box
}

// numbers reads numbers with what is between them ("" for nothing).
func (p *textParser) numbers(between string) (list []float64) {
	for p.err == nil {
		sign, _ := p.accept("-", "+")
		t := p.peek()
		if t.kind != tokenNumber {
			if between == "" && sign == "" && len(list) > 0 {
				return list
			}
			p.unexpected("a number")
			return nil
		}
		numbers, err := parseNumbers([]string{sign + p.take().text})
		if err != nil {
			p.fault(t.at, "%w", err)
			return nil
		}
		list = append(list, numbers[0])
		if between != "" && !p.another(between) {
			return list
		}
	}
	return nil
}

// wktShape gives the reader of what is inside a geometry of well-known text (06-103r4, 7); nil for another name.
func wktShape(name string) func(p *textParser, f *figure) error {
	switch strings.ToUpper(name) {
	case "POINT":
		return func(p *textParser, f *figure) error { return f.addPoint(p.path(), p.CRS) }
	case "LINESTRING":
		return func(p *textParser, f *figure) error { return f.addLine(p.path(), p.CRS) }
	case "POLYGON":
		return func(p *textParser, f *figure) error { return f.addPolygon(p.rings(), p.CRS) }
	case "MULTIPOINT":
		return multi(func(p *textParser, f *figure) error { return f.addPoint(p.loosePoint(), p.CRS) })
	case "MULTILINESTRING":
		return multi(func(p *textParser, f *figure) error { return f.addLine(p.path(), p.CRS) })
	case "MULTIPOLYGON":
		return multi(func(p *textParser, f *figure) error { return f.addPolygon(p.rings(), p.CRS) })
	case "GEOMETRYCOLLECTION":
		return multi((*textParser).member)
	}
	return nil
}

// multi reads parts in brackets.
func multi(part func(*textParser, *figure) error) func(*textParser, *figure) error {
	return func(p *textParser, f *figure) (err error) {
		p.expect("(")
		for p.err == nil && err == nil {
			if err = part(p, f); err != nil || !p.another(",") {
				break
			}
		}
		if err == nil {
			p.expect(")")
		}
		return err
	}
}

func (p *textParser) geometry(t token, shape func(*textParser, *figure) error) plan.Expression {
	var f figure
	p.another("Z")
	err := shape(p, &f)
	if p.err != nil {
		return nil
	}
	var literal plan.Expression
	if err == nil {
		literal, err = f.literal()
	}
	if err != nil {
		p.fault(t.at, "%w", err)
	}
	return literal
}

// member reads a geometry of a collection.
func (p *textParser) member(f *figure) error {
	t := p.take()
	shape := wktShape(t.text)
	if t.kind != tokenName || shape == nil || t.is("GEOMETRYCOLLECTION") {
		return fmt.Errorf("%q is no geometry that a collection may have", clip(t.text))
	}
	p.another("Z")
	return shape(p, f)
}

// path reads positions in brackets.
func (p *textParser) path() (coords []float64) {
	p.expect("(")
	for p.err == nil {
		coords = append(coords, p.position()...)
		if !p.another(",") {
			break
		}
	}
	p.expect(")")
	return coords
}

// position reads x y, or x y z of which z is dropped.
func (p *textParser) position() []float64 {
	at := p.peek().at
	numbers := p.numbers("")
	if p.err == nil && len(numbers) != 2 && len(numbers) != 3 {
		p.fault(at, "a position has two numbers, or three with a height, not %d", len(numbers))
	}
	if p.err != nil {
		return nil
	}
	return numbers[:2]
}

// loosePoint reads a point of a MULTIPOINT, with brackets or without.
func (p *textParser) loosePoint() []float64 {
	if p.peek().is("(") {
		return p.path()
	}
	return p.position()
}

func (p *textParser) rings() (rings [][]float64) {
	p.expect("(")
	for p.err == nil {
		rings = append(rings, p.path())
		if !p.another(",") {
			break
		}
	}
	p.expect(")")
	return rings
}
