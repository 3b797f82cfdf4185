package ogc

import (
	"strconv"

	"strukturbild/internal/plan"
)

// ParseText reads the text spelling (21-065r2, annex B). The error is a plan.Error, Invalid or TooLarge, that tells the
// column.
func (c CQL2) ParseText(text string) (plan.Expression, error) {
	if len(text) > maxFilterBytes {
		return nil, plan.Errorf(plan.TooLarge, "filter", "the filter has %d bytes; at most %d are taken", len(text), maxFilterBytes)
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := textParser{CQL2: c, text: text, tokens: tokens}
	e := p.or()
	if p.err == nil && p.peek().kind != tokenEnd {
		p.unexpected("AND, OR or the end")
	}
	return e, p.err
}

// textParser goes down the grammar. Conditions and operands are read alike, since a bracket does not tell which it holds; what does
// not fit is found by plan.Layer.Check. After the first fault nothing more is read.
type textParser struct {
	CQL2
	text   string
	tokens []token
	next   int
	depth  int
	err    error
}

func (p *textParser) peek() token { return p.tokens[p.next] }

func (p *textParser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

// accept takes the next token if it is one of these.
func (p *textParser) accept(words ...string) (string, bool) {
	for _, word := range words {
		if p.err == nil && p.peek().is(word) {
			p.take()
			return word, true
		}
	}
	return "", false
}

func (p *textParser) expect(word string) {
	if _, found := p.accept(word); !found {
		p.unexpected(word)
	}
}

func (p *textParser) unexpected(want string) {
	t := p.peek()
	what := strconv.Quote(clip(t.text))
	if t.kind == tokenEnd {
		what = "the end"
	}
	p.fault(t.at, "there must be %s here, not %s", want, what)
}

func (p *textParser) fault(at int, format string, args ...any) {
	if p.err == nil {
		p.err = cqlFault(p.text, at, format, args...)
	}
}

// down counts how deep the reading has gone; up comes back.
func (p *textParser) down() {
	if p.depth++; p.depth > plan.MaxFilterDepth {
		p.fault(p.peek().at, "the filter is nested more than %d deep", plan.MaxFilterDepth)
	}
}

func (p *textParser) up() { p.depth-- }

func (p *textParser) or() plan.Expression {
	p.down()
	defer p.up()
	list := plan.Or{p.and()}
	for p.another("OR") {
		list = append(list, p.and())
	}
	if len(list) == 1 {
		return list[0]
	}
	return list
}

func (p *textParser) and() plan.Expression {
	list := plan.And{p.not()}
	for p.another("AND") {
		list = append(list, p.not())
	}
	if len(list) == 1 {
		return list[0]
	}
	return list
}

func (p *textParser) another(word string) bool {
	_, found := p.accept(word)
	return found
}

func (p *textParser) not() plan.Expression {
	if !p.another("NOT") {
		return p.predicate()
	}
	p.down()
	defer p.up()
	return plan.Not{Of: p.not()}
}

// predicate reads an operand, and what is said of it.
func (p *textParser) predicate() plan.Expression {
	left := p.sum()
	at := p.peek().at
	if op, found := p.accept("=", "<>", "!=", "<=", ">=", "<", ">"); found {
		if op == "!=" { // not in CQL2, but in what people write
			op = "<>"
		}
		return p.operate(at, op, left, p.sum())
	}
	if p.another("IS") {
		negated := p.another("NOT")
		p.expect("NULL")
		return negate(negated, plan.IsNull{Of: left})
	}
	negated := p.another("NOT")
	switch word, _ := p.accept("LIKE", "BETWEEN", "IN"); word {
	case "LIKE":
		return negate(negated, p.operate(at, "like", left, p.sum()))
	case "BETWEEN":
		low := p.sum()
		p.expect("AND")
		return negate(negated, plan.Between{Of: left, Low: low, High: p.sum()})
	case "IN":
		p.expect("(")
		return negate(negated, plan.In{Of: left, List: p.list()})
	}
	if negated {
		p.unexpected("LIKE, BETWEEN or IN")
	}
	return left
}

func negate(negated bool, e plan.Expression) plan.Expression {
	if negated {
		return plan.Not{Of: e}
	}
	return e
}

func (p *textParser) operate(at int, name string, args ...plan.Expression) plan.Expression {
	if p.err != nil {
		return nil
	}
	e, err := operate(name, args)
	if err != nil {
		p.fault(at, "%w", err)
	}
	return e
}

// list reads operands up to the closing bracket, of which there is at least one.
func (p *textParser) list() (list []plan.Expression) {
	for p.err == nil {
		list = append(list, p.or())
		if !p.another(",") {
			break
		}
	}
	p.expect(")")
	return list
}

func (p *textParser) sum() plan.Expression { return p.chain(p.product, "+", "-") }

func (p *textParser) product() plan.Expression { return p.chain(p.power, "*", "/", "%", "div") }

func (p *textParser) chain(operand func() plan.Expression, operators ...string) plan.Expression {
	left := operand()
	for depth := 0; ; depth++ {
		at := p.peek().at
		op, found := p.accept(operators...)
		if !found {
			return left
		}
		if depth > plan.MaxFilterDepth {
			p.fault(at, "the filter is nested more than %d deep", plan.MaxFilterDepth)
		}
		left = p.operate(at, op, left, operand())
	}
}

// power reads x ^ y, which binds to the right.
func (p *textParser) power() plan.Expression {
	p.down()
	defer p.up()
	base := p.signed()
	at := p.peek().at
	if !p.another("^") {
		return base
	}
	return p.operate(at, "^", base, p.power())
}

// signed reads an operand with a sign; a number takes it up.
func (p *textParser) signed() plan.Expression {
	at := p.peek().at
	sign, found := p.accept("-", "+")
	if !found {
		return p.primary()
	}
	if p.peek().kind == tokenNumber {
		return p.number(sign + p.take().text)
	}
	p.down()
	defer p.up()
	of := p.signed()
	if sign == "+" {
		return of
	}
	return p.operate(at, "*", plan.Literal{Value: plan.IntegerValue(-1)}, of)
}

func (p *textParser) number(text string) plan.Expression {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return plan.Literal{Value: plan.IntegerValue(n)}
	}
	numbers, err := parseNumbers([]string{text})
	if err != nil {
		p.fault(p.tokens[p.next-1].at, "%w", err)
		return nil
	}
	return plan.Literal{Value: plan.NumberValue(numbers[0])}
}

func (p *textParser) primary() plan.Expression {
	if p.err != nil {
		return nil
	}
	if p.another("(") {
		e := p.or()
		p.expect(")")
		return e
	}
	switch t := p.peek(); t.kind {
	case tokenNumber:
		return p.number(p.take().text)
	case tokenText:
		return plan.Literal{Value: plan.TextValue(p.take().text)}
	case tokenQuoted:
		return plan.Property{Name: p.take().text}
	case tokenName:
		if !isReserved(t) {
			return p.name(p.take())
		}
	}
	p.unexpected("a property, a constant or a function")
	return nil
}

func isReserved(t token) bool {
	for _, word := range []string{"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "DIV"} {
		if t.is(word) {
			return true
		}
	}
	return false
}

// name reads what begins with a name: a truth, a geometry, a function or operator, or a property.
func (p *textParser) name(t token) plan.Expression {
	if t.is("TRUE") || t.is("FALSE") {
		return plan.Literal{Value: plan.BooleanValue(t.is("TRUE"))}
	}
	if shape := wktShape(t.text); shape != nil && (p.peek().is("(") || p.peek().is("Z")) {
		return p.geometry(t, shape)
	}
	if !p.another("(") {
		return plan.Property{Name: t.text}
	}
	if t.is("BBOX") {
		return p.bbox(t)
	}
	if p.another(")") {
		return p.operate(t.at, t.text)
	}
	return p.operate(t.at, t.text, p.list()...)
}
