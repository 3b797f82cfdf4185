package ogc

import (
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"time"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// GMLFile is a feature collection to be written: that of the WFS that the edition belongs to.
type GMLFile struct {
	Edition *GML
	Schema  string // address of the schema of the features
	Results []GMLResult
	Time    time.Time
	Next    string // addresses of the pages around this one, or ""
	Before  string
	Hits    bool   // only how many there are
	Lock    string // id of the lock on the features, or ""
	// Check says whether writing has still a purpose; it is asked now and then. May be nil.
	Check func() error
	// Report tells in XML, as an exception report, why the rest is missing. Where it is nil, or the edition has no place for it,
	// what has been written just ends, and the connection must be broken off.
	Report func(error) string
}

// GMLResult is what one query has found.
type GMLResult struct {
	Layer    *plan.Layer
	System   Reference
	Features iter.Seq[*plan.Feature] // the feature may be reused between steps
	Matched  int                     // features on all pages together
	Returned int                     // features that will come
	Extent   plan.Box                // of the features
}

// WriteGML streams the collection.
func WriteGML(w io.Writer, file GMLFile) error {
	g := &gmlWriter{GMLFile: file, w: w, buffer: append(make([]byte, 0, chunk+chunk/4), xml.Header...)}
	g.open()
	err := g.results()
	if err != nil && (g.failed || !g.truncate(err)) {
		return err
	}
	g.buffer = append(g.buffer, "</wfs:FeatureCollection>\n"...)
	return g.flush()
}

// gmlWriter gathers what is written into chunks.
type gmlWriter struct {
	GMLFile
	w      io.Writer
	buffer []byte
	begun  bool // something is written
	failed bool // writing failed
	nested bool // a collection inside the collection is open
}

func (g *gmlWriter) flush() error {
	if _, err := g.w.Write(g.buffer); err != nil {
		g.failed = true
		return fmt.Errorf("writing features: %w", err)
	}
	g.buffer, g.begun = g.buffer[:0], true
	return nil
}

// open begins the collection, which declares every prefix.
func (g *gmlWriter) open() {
	g.buffer = fmt.Appendf(g.buffer, `<wfs:FeatureCollection xmlns:wfs="%s" xmlns:gml="%s"`, g.Edition.collection, g.Edition.namespace)
	g.buffer = append(g.buffer, g.Edition.declarations(g.Schema, true)...)
	matched, returned := 0, 0
	for _, r := range g.Results {
		matched, returned = matched+r.Matched, returned+r.Returned
	}
	switch g.Edition {
	case GML32:
		g.counts(matched, returned)
		for _, page := range [][2]string{{"next", g.Next}, {"previous", g.Before}} {
			if page[1] != "" {
				g.buffer = fmt.Appendf(g.buffer, ` %s="%s"`, page[0], escaped(page[1]))
			}
		}
	case GML31:
		if g.Hits {
			returned = matched // OGC 04-094, 9.3
		}
		g.buffer = fmt.Appendf(g.buffer, ` timeStamp="%s" numberOfFeatures="%d"`, g.Time.UTC().Format(time.RFC3339), returned)
	}
	if g.Lock != "" {
		g.buffer = fmt.Appendf(g.buffer, ` lockId="%s"`, escaped(g.Lock))
	}
	g.buffer = append(g.buffer, ">\n"...)
}

func (g *gmlWriter) counts(matched, returned int) {
	g.buffer = fmt.Appendf(g.buffer, ` timeStamp="%s" numberMatched="%d" numberReturned="%d"`, g.Time.UTC().Format(time.RFC3339), matched, returned)
}

// declarations gives the prefixes of features and where their schemas are, as attributes.
func (e *GML) declarations(schema string, collected bool) string {
	locations := Namespace + " " + schema
	if collected {
		locations += " " + e.collection + " " + e.wfsSchema
	}
	if collected && e == GML32 { // the box of a collection is of a schema that WFS 2.0 does not import
		locations += " " + e.namespace + " " + e.schema
	}
	return fmt.Sprintf(` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sb="%s" xsi:schemaLocation="%s"`, Namespace, escaped(locations))
}

// results writes what the queries have found; of several each has a collection of its own where WFS has it so (OGC
// 09-025r2, 11.3.3.5).
func (g *gmlWriter) results() error {
	if g.Edition != GML32 || len(g.Results) == 1 {
		if err := g.bounds(g.Results...); err != nil || g.Hits {
			return err
		}
	}
	for _, r := range g.Results {
		if g.nested = g.Edition == GML32 && len(g.Results) > 1; g.nested {
			g.buffer = append(g.buffer, "<wfs:member><wfs:FeatureCollection"...)
			g.counts(r.Matched, r.Returned)
			g.buffer = append(g.buffer, ">\n"...)
			if err := g.bounds(r); err != nil {
				return err
			}
		}
		if !g.Hits {
			if err := g.features(r); err != nil {
				return err
			}
		}
		if g.nested {
			g.buffer = append(g.buffer, "</wfs:FeatureCollection></wfs:member>\n"...)
			g.nested = false
		}
	}
	return nil
}

// bounds writes where the results lie together, when they are in one system.
func (g *gmlWriter) bounds(results ...GMLResult) error {
	extent := plan.EmptyBox
	for _, r := range results {
		if r.System == results[0].System {
			extent = extent.Union(r.Extent)
		}
	}
	if extent.IsEmpty() && g.Edition != GML21 {
		return nil
	}
	system := URNReference(geo.House)
	if len(results) > 0 {
		system = results[0].System
	}
	buffer, err := newGMLEncoder(g.Edition, &plan.Layer{}, system).appendBounds(g.buffer, extent)
	g.buffer = buffer
	return err
}

func (g *gmlWriter) features(r GMLResult) error {
	e := newGMLEncoder(g.Edition, r.Layer, r.System)
	open, shut := "<"+e.member+">", "</"+e.member+">\n"
	for f := range r.Features {
		whole := len(g.buffer)
		buffer, err := e.append(append(g.buffer, open...), f, "")
		if err != nil {
			g.buffer = buffer[:whole]
			return fmt.Errorf("writing layer %s: %w", r.Layer.ID, err)
		}
		g.buffer = append(buffer, shut...)
		if len(g.buffer) < chunk {
			continue
		}
		if err := g.flush(); err != nil {
			return err
		}
		if g.Check == nil {
			continue
		}
		if err := g.Check(); err != nil {
			return err
		}
	}
	return nil
}

// truncate says in the collection why it ends (OGC 09-025r2, 7.7), when it has begun; otherwise the error can still be the answer.
func (g *gmlWriter) truncate(err error) bool {
	if !g.begun || g.Report == nil || g.Edition != GML32 {
		return false
	}
	if g.nested {
		g.buffer = append(g.buffer, "</wfs:FeatureCollection></wfs:member>\n"...)
	}
	g.buffer = append(append(append(g.buffer, "<wfs:truncatedResponse>"...), g.Report(err)...), "</wfs:truncatedResponse>"...)
	return true
}

// WriteGMLFeature writes one feature as a document of its own.
func WriteGMLFeature(w io.Writer, edition *GML, schema string, layer *plan.Layer, system Reference, f *plan.Feature) error {
	attributes := fmt.Sprintf(` xmlns:gml="%s"`, edition.namespace) + edition.declarations(schema, false)
	text, err := newGMLEncoder(edition, layer, system).append([]byte(xml.Header), f, attributes)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}
