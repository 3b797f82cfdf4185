package ogc

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"strukturbild/internal/plan"
)

// ParseJSON reads the JSON spelling (21-065r2, annex C). The error is a plan.Error, Invalid or TooLarge, that tells the
// place as a JSON pointer.
func (c CQL2) ParseJSON(text string) (plan.Expression, error) {
	if len(text) > maxFilterBytes {
		return nil, plan.Errorf(plan.TooLarge, "filter", "the filter has %d bytes; at most %d are taken", len(text), maxFilterBytes)
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber() // integers keep all 64 bits
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, plan.Errorf(plan.Invalid, "filter", "the filter is no JSON: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, plan.Errorf(plan.Invalid, "filter", "something follows the filter, at byte %d", decoder.InputOffset())
	}
	return jsonReader{c}.expression(document, place{})
}

// place is where in a document something stands.
type place struct {
	pointer string
	depth   int
}

func (p place) at(step any) place { return place{fmt.Sprintf("%s/%v", p.pointer, step), p.depth + 1} }

func (p place) fault(format string, args ...any) error {
	return plan.Errorf(plan.Invalid, "filter", "at %q: %w", clip(p.pointer), fmt.Errorf(format, args...))
}

// jsonReader reads the values of a JSON document.
type jsonReader struct{ CQL2 }

func (r jsonReader) expression(value any, p place) (plan.Expression, error) {
	if p.depth > 2*plan.MaxFilterDepth { // a level of the filter is two of the document
		return nil, p.fault("the filter is nested more than %d deep", plan.MaxFilterDepth)
	}
	switch v := value.(type) {
	case bool:
		return plan.Literal{Value: plan.BooleanValue(v)}, nil
	case string:
		return plan.Literal{Value: plan.TextValue(v)}, nil
	case json.Number:
		return number(v, p)
	case map[string]any:
		return r.object(v, p)
	}
	return nil, p.fault("there must be an operation, a property or a constant here")
}

func number(n json.Number, p place) (plan.Expression, error) {
	if i, err := n.Int64(); err == nil {
		return plan.Literal{Value: plan.IntegerValue(i)}, nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, p.fault("%q is not a finite number", clip(n.String()))
	}
	return plan.Literal{Value: plan.NumberValue(f)}, nil
}

func (r jsonReader) object(o map[string]any, p place) (plan.Expression, error) {
	switch {
	case o["op"] != nil:
		return r.operation(o, p)
	case o["property"] != nil:
		name, is := o["property"].(string)
		if !is {
			return nil, p.at("property").fault("the name of a property is a text")
		}
		return plan.Property{Name: name}, nil
	case o["bbox"] != nil:
		return r.box(o["bbox"], p.at("bbox"))
	case o["type"] != nil:
		return r.geometry(o, p)
	}
	for _, name := range []string{"date", "timestamp", "interval"} {
		if value, sent := o[name]; sent {
			return r.temporal(name, value, p.at(name))
		}
	}
	return nil, p.fault("it has none of op, property, date, timestamp, interval, bbox and type")
}

func (r jsonReader) operation(o map[string]any, p place) (plan.Expression, error) {
	name, isText := o["op"].(string)
	list, isList := o["args"].([]any)
	if !isText || !isList {
		return nil, p.fault("an operation has an op, which is a text, and args, which are a list")
	}
	p = p.at("args")
	if strings.EqualFold(name, "in") {
		return r.in(list, p)
	}
	args, err := r.list(list, p)
	if err != nil {
		return nil, err
	}
	e, err := operate(name, args)
	if err != nil {
		return nil, p.fault("%w", err)
	}
	return e, nil
}

func (r jsonReader) list(list []any, p place) ([]plan.Expression, error) {
	args := make([]plan.Expression, len(list))
	for i, value := range list {
		var err error
		if args[i], err = r.expression(value, p.at(i)); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// in reads an operand and a list.
func (r jsonReader) in(list []any, p place) (plan.Expression, error) {
	if len(list) != 2 {
		return nil, p.fault("in takes two operands, not %d", len(list))
	}
	choices, isList := list[1].([]any)
	if !isList || len(choices) == 0 {
		return nil, p.at(1).fault("there must be a list here, with something in it")
	}
	of, err := r.expression(list[0], p.at(0))
	if err != nil {
		return nil, err
	}
	args, err := r.list(choices, p.at(1))
	return plan.In{Of: of, List: args}, err
}

func (r jsonReader) temporal(name string, value any, p place) (plan.Expression, error) {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	args, err := r.list(list, p)
	if err != nil {
		return nil, err
	}
	e, err := operate(name, args)
	if err != nil {
		return nil, p.fault("%w", err)
	}
	return e, nil
}

func (r jsonReader) box(value any, p place) (plan.Expression, error) {
	numbers, err := numbersIn(value, p)
	if err != nil {
		return nil, err
	}
	box, err := r.bbox(numbers)
	if err != nil {
		return nil, p.fault("%w", err)
	}
	return box, nil
}

func numbersIn(value any, p place) ([]float64, error) {
	list, isList := value.([]any)
	if !isList {
		return nil, p.fault("there must be a list of numbers here")
	}
	numbers := make([]float64, len(list))
	for i, v := range list {
		n, is := v.(json.Number)
		f, err := n.Float64()
		if !is || err != nil {
			return nil, p.at(i).fault("there must be a finite number here")
		}
		numbers[i] = f
	}
	return numbers, nil
}

// geometry reads a geometry of GeoJSON (RFC 7946, 3.1), in the system of the filter.
func (r jsonReader) geometry(o map[string]any, p place) (plan.Expression, error) {
	var f figure
	if err := r.figure(&f, o, p); err != nil {
		return nil, err
	}
	literal, err := f.literal()
	if err != nil {
		return nil, p.fault("%w", err)
	}
	return literal, nil
}

// figure reads a geometry into f.
func (r jsonReader) figure(f *figure, o map[string]any, p place) error {
	coordinates, kind := o["coordinates"], o["type"]
	p = p.at("coordinates")
	switch kind {
	case "Point":
		return r.point(f, coordinates, p)
	case "LineString":
		return r.line(f, coordinates, p)
	case "Polygon":
		return r.polygon(f, coordinates, p)
	case "MultiPoint":
		return eachIn(coordinates, p, func(part any, p place) error { return r.point(f, part, p) })
	case "MultiLineString":
		return eachIn(coordinates, p, func(part any, p place) error { return r.line(f, part, p) })
	case "MultiPolygon":
		return eachIn(coordinates, p, func(part any, p place) error { return r.polygon(f, part, p) })
	case "GeometryCollection":
		return eachIn(o["geometries"], p, func(part any, p place) error {
			member, is := part.(map[string]any)
			if !is || member["type"] == "GeometryCollection" {
				return p.fault("there must be a geometry here that is no collection")
			}
			return r.figure(f, member, p)
		})
	}
	return p.fault("%v is no type of a geometry", kind)
}

func eachIn(value any, p place, do func(part any, p place) error) error {
	list, isList := value.([]any)
	if !isList {
		return p.fault("there must be a list here")
	}
	for i, part := range list {
		if err := do(part, p.at(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r jsonReader) point(f *figure, value any, p place) error {
	position, err := position(value, p)
	if err != nil {
		return err
	}
	return p.because(f.addPoint(position, r.CRS))
}

func (r jsonReader) line(f *figure, value any, p place) error {
	path, err := pathIn(value, p)
	if err != nil {
		return err
	}
	return p.because(f.addLine(path, r.CRS))
}

func (r jsonReader) polygon(f *figure, value any, p place) error {
	var rings [][]float64
	err := eachIn(value, p, func(part any, p place) error {
		ring, err := pathIn(part, p)
		rings = append(rings, ring)
		return err
	})
	if err != nil {
		return err
	}
	return p.because(f.addPolygon(rings, r.CRS))
}

func (p place) because(err error) error {
	if err == nil {
		return nil
	}
	return p.fault("%w", err)
}

func pathIn(value any, p place) (path []float64, err error) {
	err = eachIn(value, p, func(part any, p place) error {
		position, err := position(part, p)
		path = append(path, position...)
		return err
	})
	return path, err
}

// position reads x, y, and drops a height.
func position(value any, p place) ([]float64, error) {
	numbers, err := numbersIn(value, p)
	if err == nil && len(numbers) != 2 && len(numbers) != 3 {
		err = p.fault("a position has two numbers, or three with a height, not %d", len(numbers))
	}
	if err != nil {
		return nil, err
	}
	return numbers[:2], nil
}
