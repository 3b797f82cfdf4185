package store

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/plan"
)

// appendProperties writes the values as a JSON object by attribute name. Nulls are left out.
func appendProperties(dst []byte, layer *plan.Layer, values []plan.Value) []byte {
	dst = append(dst, '{')
	first := true
	for i, v := range values {
		if v.IsNull() {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '"')
		dst = append(dst, layer.Attributes[i].Name...) // [a-z0-9_]: nothing to escape
		dst = append(dst, '"', ':')
		dst = v.AppendJSON(dst)
	}
	return append(dst, '}')
}

// properties reads such objects back into values in schema order, reusing its parts from row to row.
type properties struct {
	layer   *plan.Layer
	indexes map[string]int
	decoder *jsontext.Decoder
	reader  bytes.Reader
	values  []plan.Value
}

func newProperties(layer *plan.Layer) *properties {
	p := &properties{layer: layer, indexes: make(map[string]int, len(layer.Attributes))}
	for i, a := range layer.Attributes {
		p.indexes[a.Name] = i
	}
	p.decoder = jsontext.NewDecoder(&p.reader)
	p.values = make([]plan.Value, len(layer.Attributes))
	return p
}

// read gives the values; they are good until the next call. Names that the schema lacks are of an older schema.
func (p *properties) read(object []byte) ([]plan.Value, error) {
	clear(p.values)
	p.reader.Reset(object)
	p.decoder.Reset(&p.reader)
	if _, err := p.decoder.ReadToken(); err != nil {
		return nil, err
	}
	for p.decoder.PeekKind() != '}' {
		name, err := p.decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		i, known := p.indexes[name.String()]
		value, err := p.decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		if p.values[i], err = parseValue(p.layer.Attributes[i].Type, value); err != nil {
			return nil, fmt.Errorf("attribute %s: %w", p.layer.Attributes[i].Name, err)
		}
	}
	return p.values, nil
}

func parseValue(kind plan.Kind, token jsontext.Token) (plan.Value, error) {
	switch kind {
	case plan.String:
		return plan.TextValue(token.String()), nil
	case plan.Integer:
		i, err := token.Int()
		return plan.IntegerValue(i), err
	case plan.Number:
		f, err := token.Float()
		return plan.NumberValue(f), err
	case plan.Boolean:
		return plan.BooleanValue(token.Bool()), nil
	case plan.Date:
		return plan.ParseDate(token.String())
	}
	return plan.ParseDateTime(token.String())
}
