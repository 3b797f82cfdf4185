package dcat

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

// check holds the catalogue against the rules of DCAT-AP-SE with a real RDF library, and gives what it said.
func check(t *testing.T, turtle, rdf []byte) (said string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "catalogue.ttl"), filepath.Join(dir, "catalogue.rdf")}
	for i, text := range [][]byte{turtle, rdf} {
		if err := os.WriteFile(paths[i], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The distribution's own Python, which setup.sh --test gives rdflib.
	out, err := exec.Command("/usr/bin/python3", "testdata/check.py", paths[0], paths[1]).CombinedOutput()
	return string(out), err == nil
}

var day = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func catalogue(layers ...plan.Layer) *Catalogue {
	c := &Catalogue{Base: "https://example.se/strukturbild", Exports: []string{"gpkg", "shp", "fgb", "geojson", "gml", "csv", "xlsx"},
		Publisher: Publisher{Name: "Västra Götalandsregionen", Homepage: "https://example.se/", Email: "plan@example.se", Type: "RegionalAuthority"}}
	for i := range layers {
		layers[i].Revision, layers[i].Changed = plan.Revision(i+1), day
		c.Datasets = append(c.Datasets, Dataset{Layer: &layers[i], Extent: plan.Box{MinX: 10.9, MinY: 57.1, MaxX: 14.8, MaxY: 59.3}, Count: i, Issued: day.AddDate(0, 0, -i)})
	}
	return c
}

// nasty has everything that can go wrong in text.
var nasty = "a\"b\\c<d>&é\n\r\t'''\"\"\" ]]> \x00\x07\uffff\xff \U0001F4A8 @en ^^x . ;"

func nastyLayer() plan.Layer {
	return plan.Layer{ID: "nasty", Theme: plan.Nature, GeometryType: plan.None, Title: plan.Text{SV: nasty, EN: nasty}, Source: nasty, Licence: nasty, Synthetic: true,
		Metadata: plan.Metadata{Keywords: []plan.Text{{SV: nasty}, {SV: nasty}, {SV: "b", EN: nasty}}, Vintage: plan.Period{From: "2020", To: "2020-12-31"},
			Contact: plan.Contact{Name: nasty, Organisation: nasty, Email: `"a b<c>"@example.se`}, Lineage: plan.Text{SV: nasty},
			LandingPage: `https://example.se/?a=<b>"c"`, LicenceURI: "https://example.se/{x}|y^z`", AccessRights: plan.Restricted, Language: "se"}}
}

func TestCatalogueKeepsTheRules(t *testing.T) {
	for name, c := range map[string]*Catalogue{
		"built in": catalogue(plan.BuiltIn()...),
		"nasty":    catalogue(nastyLayer()),
		"bare":     {Base: "http://localhost:8080", Publisher: Publisher{Name: "Strukturbild", Type: "RegionalAuthority"}, Datasets: catalogue(plan.Layer{ID: "a", Theme: plan.Wind, Title: plan.Text{SV: "A"}}).Datasets},
	} {
		said, ok := check(t, c.Encode(Turtle), c.Encode(RDFXML))
		if !ok {
			t.Errorf("%s: %s\n%s", name, said, c.Encode(Turtle))
		}
		t.Log(name, said)
	}
}

// TestTheRulesBite breaks the catalogue in many ways; each must be seen.
func TestTheRulesBite(t *testing.T) {
	good := string(catalogue(plan.BuiltIn()[:1]...).Encode(Turtle))
	for name, broken := range map[string][2]string{
		"no publisher":       {`dcterms:publisher <[^>]*> ;\n\tdcterms:license`, `dcterms:license`},
		"no title":           {`dcterms:title "Kommuner"@sv, "Municipalities"@en ;\n`, ``},
		"no access":          {`dcat:accessURL <[^>]*features> ;\n`, ``},
		"no endpoint":        {`dcat:endpointURL <[^>]*ogc> ;\n`, ``},
		"unknown theme":      {`data-theme/REGI`, `data-theme/NONE`},
		"two rhythms":        {`(dcterms:accrualPeriodicity) `, `$1 <http://publications.europa.eu/resource/authority/frequency/DAILY>, `},
		"text for an IRI":    {`(dcterms:accessRights) <[^>]*>`, `$1 "public"`},
		"no language":        {`"Kommuner"@sv`, `"Kommuner"`},
		"open bbox":          {`,(-?\d+\.\d+ \d+\.\d+)\)\)"`, `))"`},
		"format by name":     {`"text/csv"`, `"CSV"`},
		"no kind of agent":   {`;\n\tdcterms:type <[^>]*>`, ``},
		"not known":          {`dcterms:identifier`, `dcterms:identifer`},
		"contact is agent":   {`dcat#contact>`, `dcat#publisher>`},
		"no catalogue":       {`dcat#Catalog>`, `dcat#Catalogue>`},
		"dataset of no kind": {`dcat#Dataset>`, `dcat#Data>`},
	} {
		bad := regexp.MustCompile(broken[0]).ReplaceAllString(good, broken[1])
		if bad == good {
			t.Errorf("%s: nothing was broken", name)
		}
		said, ok := check(t, []byte(bad), catalogue(plan.BuiltIn()[:1]...).Encode(RDFXML))
		if ok || strings.TrimSpace(said) == "the Turtle and the RDF/XML are different graphs" {
			t.Errorf("%s is not seen: %s", name, said)
		}
	}
}

// FuzzTerms: whatever a text or address holds, it comes back from the XML as it was made, and stays inside its quotes
// in the Turtle.
func FuzzTerms(f *testing.F) {
	f.Add(nasty, "https://example.se/å?<>")
	f.Add(`\"`, "\\")
	f.Fuzz(func(t *testing.T, text, address string) {
		var g graph
		made := literal(text, "sv")
		g.add(iri(address), "dcterms:title", made)
		var read struct {
			Description struct {
				About string `xml:"about,attr"`
				Title string `xml:"title"`
			}
		}
		if err := xml.Unmarshal(g.rdfXML(), &read); err != nil {
			t.Fatal(err)
		}
		if read.Description.Title != made.text || read.Description.About != iri(address).text {
			t.Errorf("%q came back as %q, %q as %q", made.text, read.Description.Title, iri(address).text, read.Description.About)
		}
		line := turtleTerm(made)
		if !regexp.MustCompile(`^"([^"\\\n\r]|\\[tbnrf"'\\])*"@sv$`).MatchString(line) {
			t.Errorf("%q is no Turtle string", line)
		}
		if unescaped := unescape(strings.TrimSuffix(line[1:], `"@sv`)); unescaped != made.text {
			t.Errorf("%q means %q, not %q", line, unescaped, made.text)
		}
		if node := turtleTerm(iri(address)); !regexp.MustCompile("^<[^\\x00-\\x20<>\"{}|^`\\\\]*>$").MatchString(node) {
			t.Errorf("%q is no IRI", node)
		}
	})
}

func unescape(text string) string {
	var b bytes.Buffer
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			i++
			b.WriteByte(map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '"': '"', '\\': '\\'}[text[i]])
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
