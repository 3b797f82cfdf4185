package dcat

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// rdfXML writes the graph as RDF 1.1 XML.
func (g *graph) rdfXML() []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<rdf:RDF")
	for _, p := range prefixes {
		b.WriteString("\n\txmlns:" + p.name + `="` + p.iri + `"`)
	}
	b.WriteString(">\n")
	for _, group := range g.bySubject() {
		b.WriteString("<rdf:Description " + xmlNode("rdf:about", group[0].subject) + ">\n")
		for _, t := range group {
			b.WriteString("\t<" + t.predicate)
			if t.object.kind != isLiteral {
				b.WriteString(" " + xmlNode("rdf:resource", t.object) + "/>\n")
				continue
			}
			switch {
			case t.object.language != "":
				b.WriteString(` xml:lang="` + t.object.language + `"`)
			case t.object.datatype != "":
				b.WriteString(` rdf:datatype="` + xmlText(expand(t.object.datatype)) + `"`)
			}
			b.WriteString(">" + xmlText(t.object.text) + "</" + t.predicate + ">\n")
		}
		b.WriteString("</rdf:Description>\n")
	}
	b.WriteString("</rdf:RDF>\n")
	return b.Bytes()
}

// xmlNode names a node by its address, under the attribute given, or by its label.
func xmlNode(attribute string, t term) string {
	if t.kind == isBlank {
		attribute = "rdf:nodeID"
	}
	return attribute + `="` + xmlText(t.text) + `"`
}

func xmlText(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}
