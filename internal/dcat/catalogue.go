// Package dcat describes the published layers as a data catalogue, by DCAT-AP-SE 3.0.1 (https://docs.dataportal.se/dcat/),
// in Turtle and RDF/XML.
package dcat

import (
	"net/url"
	"time"

	"strukturbild/internal/plan"
)

// Catalogue is what is described.
type Catalogue struct {
	Base      string // absolute address of the service, without a slash at the end
	Publisher Publisher
	Datasets  []Dataset
	Exports   []string // the formats in which a layer can be had as a file
}

// Publisher is the organisation that runs the service and answers for what it publishes.
type Publisher struct {
	Name     string
	Homepage string        // may be empty
	Email    string        // may be empty
	Type     PublisherType // of organisation
}

// PublisherType is a code of the ADMS vocabulary of publisher types (http://purl.org/adms/publishertype/).
type PublisherType string

// Dataset is one published layer and what is in it.
type Dataset struct {
	Layer  *plan.Layer
	Extent plan.Box  // CRS84; empty when there is nothing with a place
	Count  int       // features
	Issued time.Time // when it first was there; zero when that is not known
}

// Format is a syntax that the catalogue is written in.
type Format string

// The formats of the parameter f.
const (
	Turtle Format = "ttl"
	RDFXML Format = "rdf"
)

// MediaType gives the media type of the format.
func (f Format) MediaType() string {
	if f == RDFXML {
		return "application/rdf+xml"
	}
	return "text/turtle; charset=utf-8"
}

// Encode writes the catalogue.
func (c *Catalogue) Encode(f Format) []byte {
	d := &description{Catalogue: c}
	d.describe()
	if f == RDFXML {
		return d.rdfXML()
	}
	return d.turtle()
}

// description is the catalogue on its way to a graph.
type description struct {
	*Catalogue
	graph
}

// Names of what the catalogue speaks of: places under its own address.
func (d *description) catalogue() term            { return iri(d.Base + "/api/v1/dcat") }
func (d *description) publisher() term            { return iri(d.Base + "/api/v1/dcat#publisher") }
func (d *description) operator() term             { return iri(d.Base + "/api/v1/dcat#contact") }
func (d *description) api() term                  { return iri(d.Base + "/api/v1/dcat#api") }
func (d *description) ogcAPI() term               { return iri(d.Base + "/api/v1/dcat#ogc-api") }
func (d *description) dataset(l *plan.Layer) term { return iri(d.layer(l)) }
func (d *description) layer(l *plan.Layer) string {
	return d.Base + "/api/v1/layers/" + url.PathEscape(l.ID)
}

// cc0 is the licence of the descriptions themselves.
const cc0 = "http://creativecommons.org/publicdomain/zero/1.0/"

var catalogueTitle = plan.Text{SV: "Strukturbild: planeringsunderlag för Västra Götaland", EN: "Strukturbild: planning knowledge of Västra Götaland"}

var catalogueDescription = plan.Text{
	SV: "Kommuner, kommunalförbund, tätorter och markanvändning i Västra Götaland. Allt innehåll är ett icke bindande kunskapsunderlag för planering.",
	EN: "Municipalities, associations of municipalities, settlements and land use in Västra Götaland. All content is non-binding planning knowledge.",
}

func (d *description) describe() {
	c := d.catalogue()
	d.add(c, "rdf:type", name("dcat:Catalog"))
	d.texts(c, "dcterms:title", catalogueTitle)
	d.texts(c, "dcterms:description", catalogueDescription)
	d.add(c, "dcterms:publisher", d.publisher())
	d.add(c, "dcterms:license", iri(cc0))
	d.add(c, "foaf:homepage", iri(d.Base+"/"))
	d.add(c, "dcterms:language", languages["sv"], languages["en"])
	d.add(c, "dcat:themeTaxonomy", iri("http://publications.europa.eu/resource/authority/data-theme"))
	d.add(c, "dcterms:spatial", county)
	d.dates(c)
	for i := range d.Datasets {
		d.add(c, "dcat:dataset", d.dataset(d.Datasets[i].Layer))
	}
	d.add(c, "dcat:service", d.api(), d.ogcAPI())
	d.describePublisher()
	d.describeServices()
	for i := range d.Datasets {
		d.describeDataset(&d.Datasets[i])
	}
}

// dates says when the catalogue began and last changed: with its first dataset, and with the last change of any.
func (d *description) dates(c term) {
	var issued, modified time.Time
	for i := range d.Datasets {
		set := &d.Datasets[i]
		if issued.IsZero() || !set.Issued.IsZero() && set.Issued.Before(issued) {
			issued = set.Issued
		}
		if set.Layer.Changed.After(modified) {
			modified = set.Layer.Changed
		}
	}
	d.date(c, "dcterms:issued", issued)
	d.date(c, "dcterms:modified", modified)
}

// date states a day; a zero time is not known and not stated.
func (d *description) date(subject term, predicate string, t time.Time) {
	if !t.IsZero() {
		d.add(subject, predicate, typed(t.UTC().Format(time.DateOnly), "xsd:date"))
	}
}

// texts states a text in each language that it has.
func (d *description) texts(subject term, predicate string, text plan.Text) {
	if text.SV != "" {
		d.add(subject, predicate, literal(text.SV, "sv"))
	}
	if text.EN != "" {
		d.add(subject, predicate, literal(text.EN, "en"))
	}
}

func (d *description) describePublisher() {
	p := d.publisher()
	d.add(p, "rdf:type", name("foaf:Organization"), name("foaf:Agent"))
	d.add(p, "foaf:name", literal(d.Publisher.Name, ""))
	if d.Publisher.Type != "" {
		d.add(p, "dcterms:type", iri("http://purl.org/adms/publishertype/"+string(d.Publisher.Type)))
	}
	if d.Publisher.Homepage != "" {
		d.add(p, "foaf:homepage", iri(d.Publisher.Homepage))
	}
	if d.Publisher.Email != "" {
		d.add(p, "foaf:mbox", mailto(d.Publisher.Email))
		// The contact point must not be the publisher's own node (DCAT-AP-SE, geodata, contact point).
		d.describeContact(d.operator(), plan.Contact{Organisation: d.Publisher.Name, Email: d.Publisher.Email})
	}
}

// describeContact describes a contact point: a person, or an organisation (vCard 4 in RDF).
func (d *description) describeContact(subject term, c plan.Contact) {
	kind, fullName := "vcard:Organization", c.Organisation
	if c.Name != "" {
		kind, fullName = "vcard:Individual", c.Name
	}
	d.add(subject, "rdf:type", name(kind))
	d.add(subject, "vcard:fn", literal(fullName, ""))
	if c.Name != "" && c.Organisation != "" {
		d.add(subject, "vcard:organization-name", literal(c.Organisation, ""))
	}
	if c.Email != "" {
		d.add(subject, "vcard:hasEmail", mailto(c.Email))
	}
}

func mailto(email string) term {
	return iri((&url.URL{Scheme: "mailto", Opaque: url.PathEscape(email)}).String())
}

func (d *description) describeServices() {
	d.describeService(d.api(), plan.Text{SV: "REST-API", EN: "REST API"}, "/api/v1", "/api/v1/openapi.json", "https://spec.openapis.org/oas/v3.0.3")
	d.describeService(d.ogcAPI(), plan.Text{SV: "OGC API Features", EN: "OGC API Features"}, "/ogc", "/ogc/api", "http://www.opengis.net/spec/ogcapi-features-1/1.0")
}

func (d *description) describeService(s term, title plan.Text, endpoint, description, standard string) {
	d.add(s, "rdf:type", name("dcat:DataService"))
	d.texts(s, "dcterms:title", title)
	d.add(s, "dcat:endpointURL", iri(d.Base+endpoint))
	d.add(s, "dcat:endpointDescription", iri(d.Base+description))
	d.add(s, "dcterms:publisher", d.publisher())
	if d.Publisher.Email != "" {
		d.add(s, "dcat:contactPoint", d.operator())
	}
	d.add(s, "dcterms:accessRights", accessRight(plan.Public))
	d.add(s, "dcterms:conformsTo", iri(standard))
	d.add(iri(standard), "rdf:type", name("dcterms:Standard"))
	for i := range d.Datasets {
		d.add(s, "dcat:servesDataset", d.dataset(d.Datasets[i].Layer))
	}
}
