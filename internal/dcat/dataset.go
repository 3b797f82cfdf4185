package dcat

import (
	"fmt"
	"strconv"

	"strukturbild/internal/plan"
)

// county is Västra Götaland by its address at GeoNames.
var county = iri("http://sws.geonames.org/3337386/")

// sweref is the coordinate system that the layers are kept in.
var sweref = iri("http://www.opengis.net/def/crs/EPSG/0/3006")

// languages by the EU's addresses of them.
var languages = map[plan.Language]term{
	"sv": language("SWE"), "en": language("ENG"), "da": language("DAN"), "nb": language("NOB"), "fi": language("FIN"), "se": language("SME"),
}

func language(code string) term {
	return iri("http://publications.europa.eu/resource/authority/language/" + code)
}

// themes are the EU's data themes that ours belong to.
var themes = map[plan.Theme][]string{
	plan.Wind: {"ENER"}, plan.Agriculture: {"AGRI"}, plan.Forest: {"AGRI", "ENVI"}, plan.Infrastructure: {"TRAN"}, plan.Settlement: {"REGI"},
	plan.Nature: {"ENVI"}, plan.Culture: {"EDUC"}, plan.Defence: {"GOVE"}, plan.Water: {"ENVI"}, plan.Structure: {"REGI"}, plan.Administrative: {"REGI", "GOVE"},
}

func accessRight(r plan.AccessRights) term {
	return iri("http://publications.europa.eu/resource/authority/access-right/" + string(r))
}

var (
	nonBinding = plan.Text{SV: "Kunskapsunderlag, inte bindande.", EN: "Planning knowledge, not binding."}
	madeUp     = plan.Text{SV: "Innehåller påhittade objekt för demonstration.", EN: "Has made-up features for demonstration."}
)

func (d *description) describeDataset(set *Dataset) {
	l, s := set.Layer, d.dataset(set.Layer)
	d.add(s, "rdf:type", name("dcat:Dataset"))
	d.texts(s, "dcterms:title", l.Title)
	d.texts(s, "dcterms:description", described(l))
	d.add(s, "dcterms:identifier", literal(l.ID, ""))
	d.add(s, "dcterms:publisher", d.publisher())
	d.describeOwner(l, s)
	for _, keyword := range l.Keywords {
		d.texts(s, "dcat:keyword", keyword)
	}
	for _, theme := range themes[l.Theme] {
		d.add(s, "dcat:theme", iri("http://publications.europa.eu/resource/authority/data-theme/"+theme))
	}
	d.date(s, "dcterms:issued", set.Issued)
	d.date(s, "dcterms:modified", l.Changed)
	d.add(s, "dcat:version", literal(strconv.FormatInt(int64(l.Revision), 10), ""))
	if code, known := languages[l.Language]; known {
		d.add(s, "dcterms:language", code)
	}
	if l.LandingPage != "" {
		d.add(s, "dcat:landingPage", iri(l.LandingPage))
		d.add(iri(l.LandingPage), "rdf:type", name("foaf:Document"))
	}
	if l.UpdateRhythm != "" {
		d.add(s, "dcterms:accrualPeriodicity", iri("http://publications.europa.eu/resource/authority/frequency/"+string(l.UpdateRhythm)))
	}
	// Published layers are open to everyone, whoever has not said otherwise.
	rights := l.AccessRights
	if rights == "" {
		rights = plan.Public
	}
	d.add(s, "dcterms:accessRights", accessRight(rights))
	d.describePlace(set, s)
	d.describePeriod(l.Vintage, s)
	d.describeProvenance(set, s)
	d.describeDistributions(l, s)
}

// described gives the description, which must be there: the title stands in for it.
func described(l *plan.Layer) plan.Text {
	sentences := []plan.Text{l.Description, nonBinding}
	if l.Description.SV == "" {
		sentences[0] = l.Title
	}
	if l.Synthetic {
		sentences = append(sentences, madeUp)
	}
	return joined(sentences...)
}

// joined makes one text of several sentences. The English is whole or left out.
func joined(texts ...plan.Text) (all plan.Text) {
	english := true
	for _, t := range texts {
		if t.SV == "" && t.EN == "" {
			continue
		}
		all.SV, all.EN = appended(all.SV, t.SV), appended(all.EN, t.EN)
		english = english && t.EN != ""
	}
	if !english {
		all.EN = ""
	}
	return all
}

func appended(text, sentence string) string {
	if text == "" || sentence == "" {
		return text + sentence
	}
	if last := text[len(text)-1]; last != '.' && last != '!' && last != '?' {
		text += "."
	}
	return text + " " + sentence
}

// describeOwner states the layer's own contact, or the operator's.
func (d *description) describeOwner(l *plan.Layer, s term) {
	switch {
	case l.Contact != plan.Contact{}:
		contact := iri(d.layer(l) + "#contact")
		d.add(s, "dcat:contactPoint", contact)
		d.describeContact(contact, l.Contact)
	case d.Publisher.Email != "":
		d.add(s, "dcat:contactPoint", d.operator())
	}
}

// describePlace states the county by name, and the bounds (DCAT-AP-SE, geographic area: WKT in a dcterms:Location).
func (d *description) describePlace(set *Dataset, s term) {
	d.add(s, "dcterms:spatial", county)
	if !set.Extent.IsEmpty() {
		b, place := set.Extent, d.blank()
		d.add(s, "dcterms:spatial", place)
		d.add(place, "rdf:type", name("dcterms:Location"))
		d.add(place, "dcat:bbox", typed(fmt.Sprintf("POLYGON((%[1]f %[4]f,%[3]f %[4]f,%[3]f %[2]f,%[1]f %[2]f,%[1]f %[4]f))",
			b.MinX, b.MinY, b.MaxX, b.MaxY), "geosparql:wktLiteral"))
	}
	if set.Layer.GeometryType != plan.None {
		d.add(s, "dcterms:conformsTo", sweref)
		d.add(sweref, "rdf:type", name("dcterms:Standard"))
	}
}

func (d *description) describePeriod(p plan.Period, s term) {
	if p == (plan.Period{}) {
		return
	}
	period := d.blank()
	d.add(s, "dcterms:temporal", period)
	d.add(period, "rdf:type", name("dcterms:PeriodOfTime"))
	for _, end := range []struct{ predicate, text string }{{"dcat:startDate", p.From}, {"dcat:endDate", p.To}} {
		switch {
		case end.text == "":
		case plan.IsYear(end.text):
			d.add(period, end.predicate, typed(end.text, "xsd:gYear"))
		default:
			d.add(period, end.predicate, typed(end.text, "xsd:date"))
		}
	}
}

// describeProvenance tells the source, the lineage, and the revision that is described.
func (d *description) describeProvenance(set *Dataset, s term) {
	l, day := set.Layer, set.Layer.Changed.UTC().Format("2006-01-02")
	texts := []plan.Text{l.Lineage, {
		SV: fmt.Sprintf("Revision %d, %s, med %d objekt. Alla revisioner: %s/revisions", l.Revision, day, set.Count, d.layer(l)),
		EN: fmt.Sprintf("Revision %d, %s, with %d features. All revisions: %s/revisions", l.Revision, day, set.Count, d.layer(l))}}
	if l.Source != "" {
		texts = append([]plan.Text{{SV: "Källa: " + l.Source, EN: "Source: " + l.Source}}, texts...)
	}
	statement := d.blank()
	d.add(s, "dcterms:provenance", statement)
	d.add(statement, "rdf:type", name("dcterms:ProvenanceStatement"))
	d.texts(statement, "dcterms:description", joined(texts...))
}

// mediaTypes of the files that a layer is exported as, in the form that the profile takes them (media type, without
// parameters). Shapefile and GML are several files, in a zip.
var mediaTypes = map[string]string{
	"gpkg": "application/geopackage+sqlite3", "shp": "application/zip", "fgb": "application/flatgeobuf", "geojson": "application/geo+json",
	"gml": "application/zip", "csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// formatNames are how people call them.
var formatNames = map[string]string{
	"gpkg": "GeoPackage", "shp": "Shapefile", "fgb": "FlatGeobuf", "geojson": "GeoJSON", "gml": "GML", "csv": "CSV", "xlsx": "Excel",
}

// spatialOnly are the formats that hold no table.
var spatialOnly = map[string]bool{"shp": true, "fgb": true, "gml": true}

// describeDistributions lists the ways to the data: two interfaces, and a file in each format.
func (d *description) describeDistributions(l *plan.Layer, s term) {
	d.describeDistribution(l, s, "geojson-api", plan.Text{SV: "Objekt som GeoJSON ur REST-API:et, sida för sida", EN: "Features as GeoJSON from the REST API, page by page"},
		d.layer(l)+"/features", mediaTypes["geojson"], d.api())
	d.describeDistribution(l, s, "ogc-api", plan.Text{SV: "OGC API Features, för QGIS och andra GIS-klienter", EN: "OGC API Features, for QGIS and other GIS clients"},
		d.Base+"/ogc/collections/"+l.ID, mediaTypes["geojson"], d.ogcAPI())
	for _, format := range d.Exports {
		label, media := formatNames[format], mediaTypes[format]
		if media == "" || l.GeometryType == plan.None && spatialOnly[format] {
			continue
		}
		address := d.layer(l) + "/export?f=" + format
		file := d.describeDistribution(l, s, format, plan.Text{SV: label + ", hela lagret som fil", EN: label + ", the whole layer as a file"}, address, media, d.api())
		d.add(file, "dcat:downloadURL", iri(address))
	}
}

func (d *description) describeDistribution(l *plan.Layer, s term, id string, title plan.Text, address, media string, service term) term {
	distribution := iri(d.layer(l) + "#" + id)
	d.add(s, "dcat:distribution", distribution)
	d.add(distribution, "rdf:type", name("dcat:Distribution"))
	d.texts(distribution, "dcterms:title", title)
	d.add(distribution, "dcat:accessURL", iri(address))
	d.add(distribution, "dcterms:format", literal(media, ""))
	d.add(distribution, "dcat:accessService", service)
	d.describeLicence(l, distribution)
	d.date(distribution, "dcterms:modified", l.Changed)
	return distribution
}

// describeLicence states the licence by its address; one that is only known by name is a statement of rights.
func (d *description) describeLicence(l *plan.Layer, distribution term) {
	if licence := l.LicenceAddress(); licence != "" {
		d.add(distribution, "dcterms:license", iri(licence))
		d.add(iri(licence), "rdf:type", name("dcterms:LicenseDocument"))
	} else if l.Licence != "" {
		rights := d.blank()
		d.add(distribution, "dcterms:rights", rights)
		d.add(rights, "rdf:type", name("dcterms:RightsStatement"))
		d.add(rights, "rdfs:label", literal(l.Licence, "sv"))
	}
}
