package dcat

import (
	"fmt"
	"strings"
)

// turtle writes the graph as RDF 1.1 Turtle.
func (g *graph) turtle() []byte {
	var b strings.Builder
	for _, p := range prefixes {
		fmt.Fprintf(&b, "@prefix %s: <%s> .\n", p.name, p.iri)
	}
	for _, group := range g.bySubject() {
		b.WriteString("\n" + turtleTerm(group[0].subject))
		for i, t := range group {
			switch {
			case i == 0:
				b.WriteString(" ")
			case t.predicate == group[i-1].predicate:
				b.WriteString(", " + turtleTerm(t.object))
				continue
			default:
				b.WriteString(" ;\n\t")
			}
			b.WriteString(t.predicate + " " + turtleTerm(t.object))
		}
		b.WriteString(" .\n")
	}
	return []byte(b.String())
}

func turtleTerm(t term) string {
	switch t.kind {
	case isIRI:
		return "<" + t.text + ">"
	case isBlank:
		return "_:" + t.text
	}
	text := turtleString(t.text)
	switch {
	case t.language != "":
		return text + "@" + t.language
	case t.datatype != "":
		return text + "^^" + t.datatype
	}
	return text
}

var turtleEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// turtleString quotes a text (Turtle, STRING_LITERAL_QUOTE and ECHAR).
func turtleString(text string) string { return `"` + turtleEscapes.Replace(text) + `"` }
