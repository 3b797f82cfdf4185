package ingest

import (
	"bytes"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// cursor walks JSON text that jsontext has found to be valid, without making tokens: the fast path for coordinates. It
// never checks syntax; on text that is not valid JSON it panics.
type cursor struct {
	doc []byte
	pos int // where the next value begins
}

// peek gives the first byte of the next value, which tells its kind.
func (c *cursor) peek() byte {
	c.space()
	return c.doc[c.pos]
}

func (c *cursor) space() {
	for c.pos < len(c.doc) && c.doc[c.pos] <= ' ' {
		c.pos++
	}
}

// comma steps over the comma before any member or element but the first.
func (c *cursor) comma() {
	if c.doc[c.pos] == ',' {
		c.pos++
		c.space()
	}
}

// members walks the object that begins here; the loop's body must consume the value of each name.
func (c *cursor) members(yield func(name []byte) bool) {
	c.pos++
	for c.peek() != '}' {
		c.comma()
		name := c.text()
		c.space()
		c.pos++ // the colon
		c.space()
		if !yield(name) {
			return
		}
	}
	c.pos++
}

// elements walks the array that begins here; the loop's body must consume each element.
func (c *cursor) elements(yield func(i int) bool) {
	c.pos++
	for i := 0; c.peek() != ']'; i++ {
		c.comma()
		if !yield(i) {
			return
		}
	}
	c.pos++
}

// text consumes a string and gives it without quotes and escapes; it may alias the document.
func (c *cursor) text() []byte {
	quoted := c.value()
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, quoted) // valid, so there is no error
	return text
}

// value consumes the next value and gives it as it stands.
func (c *cursor) value() []byte {
	c.space()
	from := c.pos
	c.pos = skip(c.doc, c.pos)
	return c.doc[from:c.pos]
}

// skip gives the end of the value that begins at i.
func skip(doc []byte, i int) int {
	switch doc[i] {
	case '"':
		return skipString(doc, i)
	case '{', '[':
		return skipNested(doc, i)
	}
	for i < len(doc) && !ends[doc[i]] {
		i++
	}
	return i
}

// ends holds the bytes that end a number or a literal.
var ends = [256]bool{' ': true, '\t': true, '\n': true, '\r': true, ',': true, ']': true, '}': true}

func skipString(doc []byte, i int) int {
	for i++; doc[i] != '"'; i++ {
		if doc[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func skipNested(doc []byte, i int) int {
	for depth := 0; ; i++ {
		switch doc[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			i = skipString(doc, i) - 1
		}
	}
}

// number consumes a number; infinite when it is too large for a double.
func (c *cursor) number() float64 {
	from, doc := c.pos, c.doc
	i, negative := from, false
	if doc[i] == '-' {
		negative = true
		i++
	}
	mantissa, digits, scale := uint64(0), 0, 0
	for ; i < len(doc) && doc[i]-'0' <= 9; i++ {
		mantissa = mantissa*10 + uint64(doc[i]-'0')
		digits++
	}
	if i < len(doc) && doc[i] == '.' {
		point := i
		for i++; i < len(doc) && doc[i]-'0' <= 9; i++ {
			mantissa = mantissa*10 + uint64(doc[i]-'0')
			digits++
		}
		scale = i - point - 1
	}
	if i < len(doc) && !ends[doc[i]] || digits > 19 || mantissa > 1<<53 || scale >= len(powers) {
		return parseFloat(c.value())
	}
	c.pos = i
	// Exact: both are doubles without rounding, so the one division rounds as IEEE 754 asks (Clinger 1990).
	f := float64(mantissa) / powers[scale]
	if negative {
		return -f
	}
	return f
}

// powers of ten that are exact as doubles.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

func parseFloat(number []byte) float64 {
	f, err := strconv.ParseFloat(string(number), 64)
	if err != nil { // out of range: the syntax is valid JSON
		return math.Inf(1)
	}
	return f
}
