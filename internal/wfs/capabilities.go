package wfs

import (
	"embed"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/template"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// Service is what the capabilities tell of the service.
type Service struct {
	Address  string // of the service, without parameters
	Revision plan.Revision
	Language ogc.Language
	Provider Provider
	Contents []ogc.Content
	Writable func(layer string) bool // which layers who asks may write to; nil: none
}

// Provider is who answers for the service.
type Provider struct{ Name, Site, Email string }

//go:embed templates/*.xml
var templates embed.FS

var capabilities = template.Must(template.New("").Funcs(template.FuncMap{"x": escaped, "first": first, "second": second}).ParseFS(templates, "templates/*.xml"))

// escaped gives text as it stands in XML, in an attribute too.
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}

// WriteCapabilities writes the capabilities of the version. Of 2.0.0 the sections can be chosen (OGC 09-025r2, 8.2.3).
func (s Service) WriteCapabilities(w io.Writer, version Version, sections []string) error {
	d := document{Service: s, Version: version, sections: sections, Formats: version.outputFormats(), Schemas: []string{version.gml().Media}}
	for _, content := range s.Contents {
		one, err := s.featureType(version, content)
		if err != nil {
			return fmt.Errorf("layer %s: %w", content.Layer.ID, err)
		}
		d.Types = append(d.Types, one)
	}
	return capabilities.ExecuteTemplate(w, "capabilities_"+string(version)+".xml", d)
}

// document is what the templates are filled with.
type document struct {
	Service
	Version  Version
	Formats  []string
	Schemas  []string
	Types    []featureType
	sections []string
}

type featureType struct {
	Name, Title, Abstract string
	Keywords              []string
	Spatial, Writable     bool
	Default               string
	Others                []string
	Degrees, House        [4]string // least x, least y, greatest x, greatest y
}

// Wants reports whether a section is wanted.
func (d document) Wants(section string) bool {
	if len(d.sections) == 0 {
		return true
	}
	for _, asked := range d.sections {
		if strings.EqualFold(asked, section) || strings.EqualFold(asked, "All") {
			return true
		}
	}
	return false
}

// Writes reports whether who asks may write.
func (d document) Writes() bool { return d.Writable != nil }

// Truth writes a truth as the constraints have it.
func (d document) Truth(is bool) string { return strings.ToUpper(strconv.FormatBool(is)) }

// T chooses between Swedish and English.
func (d document) T(sv, en string) string {
	if d.Language == ogc.English {
		return en
	}
	return sv
}

func (s Service) featureType(version Version, content ogc.Content) (featureType, error) {
	layer := content.Layer
	f := featureType{Name: layer.ID, Spatial: layer.GeometryType != plan.None, Writable: s.Writable != nil && s.Writable(layer.ID)}
	f.Title, f.Abstract, f.Keywords = s.Language.Entry(layer)
	for i, crs := range geo.Supported {
		if name := version.system(crs).Name; i == 0 {
			f.Default = name
		} else {
			f.Others = append(f.Others, name)
		}
	}
	extent := content.Extent
	if extent.IsEmpty() { // where features are to be expected: clients want something
		extent = geo.Window
	}
	degrees, err := geo.TransformBox(extent, geo.House, geo.CRS84)
	if err != nil {
		return f, err
	}
	f.Degrees, f.House = corners(degrees, 9), corners(extent, 3)
	return f, nil
}

func corners(box plan.Box, decimals int) (texts [4]string) {
	for i, v := range []float64{box.MinX, box.MinY, box.MaxX, box.MaxY} {
		texts[i] = strconv.FormatFloat(v, 'f', decimals, 64)
	}
	return texts
}

// The name and the value of a constraint, as the templates have them.
func first(pair string) string { name, _, _ := strings.Cut(pair, " "); return name }

func second(pair string) string { _, value, _ := strings.Cut(pair, " "); return value }
