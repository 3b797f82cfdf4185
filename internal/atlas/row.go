package atlas

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"

	"strukturbild/internal/plan"
)

// A row is the values of one feature in schema order: a tag byte each (0 null, 1 present; a boolean is 1 or 2), then
// for a text its length and bytes, for a number its 8 bytes, else a varint. Attributes that were added to the schema
// after the row was written are null.

const (
	tagNull  = 0
	tagValue = 1
	tagTrue  = 2
)

// appendRow encodes the values.
func appendRow(dst []byte, values []plan.Value) []byte {
	for _, v := range values {
		switch v.Kind() {
		case plan.Null:
			dst = append(dst, tagNull)
		case plan.Boolean:
			tag := byte(tagValue)
			if v.Bool() {
				tag = tagTrue
			}
			dst = append(dst, tag)
		case plan.String:
			dst = binary.AppendUvarint(append(dst, tagValue), uint64(len(v.Text())))
			dst = append(dst, v.Text()...)
		case plan.Number:
			dst = binary.LittleEndian.AppendUint64(append(dst, tagValue), math.Float64bits(v.Float()))
		default: // integer, date, datetime
			dst = binary.AppendVarint(append(dst, tagValue), v.Int())
		}
	}
	return dst
}

// decodeRow appends the values of the row. Texts point into the row, which must not change afterwards.
func decodeRow(dst []plan.Value, row []byte, attributes []plan.Attribute) []plan.Value {
	for _, attribute := range attributes {
		if len(row) == 0 {
			dst = append(dst, plan.Value{})
			continue
		}
		tag := row[0]
		row = row[1:]
		if tag == tagNull {
			dst = append(dst, plan.Value{})
			continue
		}
		var v plan.Value
		v, row = decodeValue(row, attribute.Type, tag)
		dst = append(dst, v)
	}
	return dst
}

func decodeValue(row []byte, kind plan.Kind, tag byte) (plan.Value, []byte) {
	switch kind {
	case plan.Boolean:
		return plan.BooleanValue(tag == tagTrue), row
	case plan.String:
		length, n := binary.Uvarint(row)
		text := row[n : n+int(length)]
		return plan.TextValue(unsafe.String(unsafe.SliceData(text), len(text))), row[n+int(length):]
	case plan.Number:
		return plan.NumberValue(math.Float64frombits(binary.LittleEndian.Uint64(row))), row[8:]
	case plan.Integer, plan.Date, plan.DateTime:
		i, n := binary.Varint(row)
		row = row[n:]
		switch kind {
		case plan.Date:
			return plan.DateValue(i), row
		case plan.DateTime:
			return plan.DateTimeValue(i), row
		}
		return plan.IntegerValue(i), row
	}
	panic(fmt.Sprintf("implementation error: attribute of kind %q", kind))
}
