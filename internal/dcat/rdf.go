package dcat

import (
	"strconv"
	"strings"
)

// A graph is small and written once, in two syntaxes: the terms carry what either needs, cleaned when they are made, so
// that both syntaxes say the same.

type termKind int

const (
	isIRI termKind = iota
	isBlank
	isLiteral
)

// term is a node of the graph.
type term struct {
	kind     termKind
	text     string // the address, the label or the value
	language string // of a literal
	datatype string // of a literal: prefix:name
}

type triple struct {
	subject   term
	predicate string // prefix:name; "rdf:type" included
	object    term
}

type graph struct {
	triples []triple
	stated  map[triple]bool // a graph is a set
	blanks  int
}

// prefixes of the names that the catalogue uses.
var prefixes = []struct{ name, iri string }{
	{"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
	{"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
	{"xsd", "http://www.w3.org/2001/XMLSchema#"},
	{"dcat", "http://www.w3.org/ns/dcat#"},
	{"dcterms", "http://purl.org/dc/terms/"},
	{"foaf", "http://xmlns.com/foaf/0.1/"},
	{"vcard", "http://www.w3.org/2006/vcard/ns#"},
	{"geosparql", "http://www.opengis.net/ont/geosparql#"},
}

// expand gives the address that prefix:name stands for.
func expand(name string) string {
	prefix, local, _ := strings.Cut(name, ":")
	for _, p := range prefixes {
		if p.name == prefix {
			return p.iri + local
		}
	}
	return name
}

// iri makes an address. What an IRI can't have (RDF 1.1 Turtle, IRIREF) is percent-encoded, what XML can't hold is replaced.
func iri(text string) term {
	var b strings.Builder
	for _, c := range []byte(strings.ToValidUTF8(text, "")) {
		if c <= ' ' || c == 0x7f || strings.IndexByte("<>\"{}|^`\\", c) >= 0 {
			b.WriteString("%" + string("0123456789ABCDEF"[c>>4]) + string("0123456789ABCDEF"[c&15]))
			continue
		}
		b.WriteByte(c)
	}
	return term{kind: isIRI, text: legible(b.String())}
}

func name(prefixed string) term { return term{kind: isIRI, text: expand(prefixed)} }

// literal makes a text in a language; "" for none.
func literal(text, language string) term {
	return term{kind: isLiteral, text: legible(text), language: language}
}

func typed(text, datatype string) term {
	return term{kind: isLiteral, text: legible(text), datatype: datatype}
}

// legible replaces what XML can't hold (XML 1.0, Char).
func legible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000:
			return r
		}
		return '\ufffd'
	}, strings.ToValidUTF8(text, "\ufffd"))
}

func (g *graph) blank() term {
	g.blanks++
	return term{kind: isBlank, text: "b" + strconv.Itoa(g.blanks)}
}

// add states the predicate of the subject with every object.
func (g *graph) add(subject term, predicate string, objects ...term) {
	if g.stated == nil {
		g.stated = map[triple]bool{}
	}
	for _, object := range objects {
		if t := (triple{subject, predicate, object}); !g.stated[t] {
			g.stated[t] = true
			g.triples = append(g.triples, t)
		}
	}
}

// bySubject gives the triples, grouped, in the order in which the subjects were first spoken of.
func (g *graph) bySubject() [][]triple {
	index := map[term]int{}
	var groups [][]triple
	for _, t := range g.triples {
		i, seen := index[t.subject]
		if !seen {
			i = len(groups)
			index[t.subject], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}
