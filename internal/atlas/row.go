package atlas

import (
	"encoding/binary"
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

// code is how the values of an attribute are encoded: its kind as a small number, since rows are read by the million.
type code uint8

const (
	textCode code = iota
	numberCode
	booleanCode
	integerCode
	dateCode
	dateTimeCode
)

var codes = map[plan.Kind]code{plan.String: textCode, plan.Number: numberCode, plan.Boolean: booleanCode, plan.Integer: integerCode,
	plan.Date: dateCode, plan.DateTime: dateTimeCode}

func codesOf(attributes []plan.Attribute) []code {
	list := make([]code, len(attributes))
	for i, a := range attributes {
		list[i] = codes[a.Type]
	}
	return list
}

// decodeRow appends the values of the row. Texts point into the row, which must not change afterwards.
func decodeRow(dst []plan.Value, row []byte, codes []code) []plan.Value {
	for _, c := range codes {
		var v plan.Value
		v, row = decodeValue(row, c)
		dst = append(dst, v)
	}
	return dst
}

// decodeSome sets those of the values that are needed, and passes over the others.
func decodeSome(values []plan.Value, row []byte, codes []code, needed []bool) {
	for i, c := range codes {
		if needed[i] {
			values[i], row = decodeValue(row, c)
		} else {
			row = passValue(row, c)
		}
	}
}

// decodeValue reads one value off the row, of which there may be nothing left.
func decodeValue(row []byte, c code) (plan.Value, []byte) {
	if len(row) == 0 || row[0] == tagNull {
		return plan.Value{}, row[min(1, len(row)):]
	}
	tag, row := row[0], row[1:]
	switch c {
	case booleanCode:
		return plan.BooleanValue(tag == tagTrue), row
	case textCode:
		length, n := binary.Uvarint(row)
		text := row[n : n+int(length)]
		return plan.TextValue(unsafe.String(unsafe.SliceData(text), len(text))), row[n+int(length):]
	case numberCode:
		return plan.NumberValue(math.Float64frombits(binary.LittleEndian.Uint64(row))), row[8:]
	}
	i, n := binary.Varint(row)
	switch row = row[n:]; c {
	case dateCode:
		return plan.DateValue(i), row
	case dateTimeCode:
		return plan.DateTimeValue(i), row
	}
	return plan.IntegerValue(i), row
}

// passValue leaves one value out.
func passValue(row []byte, c code) []byte {
	if len(row) == 0 || row[0] == tagNull {
		return row[min(1, len(row)):]
	}
	switch row = row[1:]; c {
	case booleanCode:
		return row
	case textCode:
		length, n := binary.Uvarint(row)
		return row[n+int(length):]
	case numberCode:
		return row[8:]
	}
	_, n := binary.Uvarint(row)
	return row[n:]
}
