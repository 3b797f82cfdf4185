package source

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"strukturbild/internal/plan"
)

// Kind says how a dataset is had.
type Kind string

// The kinds of access.
const (
	File   Kind = "file"   // a file at a fixed address
	Atom   Kind = "atom"   // a file that a feed links to (INSPIRE download service, or any Atom)
	WFS    Kind = "wfs"    // a feature type of a WFS 2.0
	ArcGIS Kind = "arcgis" // layers of a MapServer or FeatureServer
	OGCAPI Kind = "ogcapi" // a collection of OGC API Features
	Manual Kind = "manual" // behind an account or a form: someone fetches the file and gives it to pull
)

var kinds = []Kind{File, Atom, WFS, ArcGIS, OGCAPI, Manual}

// Catalogue is the list of datasets.
type Catalogue struct {
	Version int      `yaml:"version"`
	Sources []Source `yaml:"sources"`
}

// Source is one dataset: what it is, where it is, and how it becomes one of our layers.
type Source struct {
	ID           string            `yaml:"id" json:"id"`
	Title        plan.Text         `yaml:"title" json:"title"`
	Publisher    string            `yaml:"publisher" json:"publisher"`
	Licence      string            `yaml:"licence" json:"licence"`
	LicenceURI   string            `yaml:"licence_uri,omitempty" json:"licence_uri,omitempty"`
	Attribution  string            `yaml:"attribution" json:"attribution"` // what must stand beside the data
	LandingPage  string            `yaml:"landing_page,omitempty" json:"landing_page,omitempty"`
	UpdateRhythm plan.UpdateRhythm `yaml:"update_rhythm,omitempty" json:"update_rhythm"` // of the publisher
	RefreshDays  int               `yaml:"refresh_days,omitempty" json:"refresh_days"`   // how old ours may become; 0 for any age
	Access       Access            `yaml:"access" json:"access"`
	CRS          string            `yaml:"crs" json:"crs"`     // that it comes in
	Layer        string            `yaml:"layer" json:"layer"` // that it is loaded into
	Define       *Definition       `yaml:"define,omitempty" json:"define,omitempty"`
	Key          []string          `yaml:"key" json:"key"` // the columns that tell one feature from another
	Map          map[string]Column `yaml:"map" json:"map"` // attribute of the layer to column
	Filter       []Condition       `yaml:"filter,omitempty" json:"filter,omitempty"`
	OnFault      string            `yaml:"on_fault,omitempty" json:"on_fault,omitempty"` // refuse_file (when empty) or skip_feature
	Notes        plan.Text         `yaml:"notes" json:"notes"`
}

// Access says where a dataset is and how it is asked for.
type Access struct {
	Kind        Kind     `yaml:"kind" json:"kind"`
	URL         string   `yaml:"url,omitempty" json:"url,omitempty"`
	TypeName    string   `yaml:"type_name,omitempty" json:"type_name,omitempty"`       // wfs: the feature type
	Output      string   `yaml:"output,omitempty" json:"output,omitempty"`             // wfs: the outputFormat; the server's own GML when empty
	SortBy      string   `yaml:"sort_by,omitempty" json:"sort_by,omitempty"`           // wfs, arcgis: what makes pages stable
	Layers      []int    `yaml:"layers,omitempty" json:"layers,omitempty"`             // arcgis
	Collection  string   `yaml:"collection,omitempty" json:"collection,omitempty"`     // ogcapi
	Entry       string   `yaml:"entry,omitempty" json:"entry,omitempty"`               // atom: what the address of the file contains
	SourceLayer string   `yaml:"source_layer,omitempty" json:"source_layer,omitempty"` // of a file with several
	Encoding    string   `yaml:"encoding,omitempty" json:"encoding,omitempty"`         // of a file that does not say
	PageSize    int      `yaml:"page_size,omitempty" json:"page_size,omitempty"`       // features asked for at a time; 1000
	Hosts       []string `yaml:"hosts,omitempty" json:"hosts,omitempty"`               // other hosts that it may lead to
	PlainHTTP   bool     `yaml:"plain_http,omitempty" json:"plain_http,omitempty"`     // the publisher has no https
	MaxMiB      int64    `yaml:"max_mib,omitempty" json:"max_mib,omitempty"`           // the most that it may be in all; 2048
}

// Definition is how the target layer is made when it is not there yet.
type Definition struct {
	Theme        plan.Theme        `yaml:"theme" json:"theme"`
	Title        plan.Text         `yaml:"title" json:"title"`
	Description  plan.Text         `yaml:"description,omitempty" json:"description"`
	GeometryType plan.GeometryType `yaml:"geometry_type" json:"geometry_type"`
	Keywords     []plan.Text       `yaml:"keywords,omitempty" json:"keywords,omitempty"`
	Attributes   []plan.Attribute  `yaml:"attributes" json:"attributes"`
}

// Column says where the values of an attribute come from and what is done to them.
type Column struct {
	From     []string          `yaml:"from,omitempty" json:"from,omitempty"`         // names that the column goes by, in any case
	Value    string            `yaml:"value,omitempty" json:"value,omitempty"`       // instead of From: the same for every feature
	Null     []string          `yaml:"null,omitempty" json:"null,omitempty"`         // values that mean "not known"
	Codes    map[string]string `yaml:"codes,omitempty" json:"codes,omitempty"`       // value of theirs to value of ours; others stay
	Scale    float64           `yaml:"scale,omitempty" json:"scale,omitempty"`       // numbers are multiplied by it; 0 is 1
	Earliest string            `yaml:"earliest,omitempty" json:"earliest,omitempty"` // a date before it is not known either
}

// Condition keeps the features of which a column has one of the values.
type Condition struct {
	Column []string `yaml:"column" json:"column"`                           // names that the column goes by, in any case
	In     []string `yaml:"in,omitempty" json:"in,omitempty"`               // the whole value
	Prefix []string `yaml:"prefix,omitempty" json:"prefix,omitempty"`       // its beginning
	Has    string   `yaml:"has,omitempty" json:"has,omitempty"`             // a part of it
	Absent bool     `yaml:"or_absent,omitempty" json:"or_absent,omitempty"` // also where there is no value
}

// LayerDefinition gives the layer that the source makes: published, since what it holds is.
func (s *Source) LayerDefinition() *plan.Layer {
	if s.Define == nil {
		return nil
	}
	d := s.Define
	layer := &plan.Layer{ID: s.Layer, Theme: d.Theme, Title: d.Title, Description: d.Description, GeometryType: d.GeometryType,
		Attributes: d.Attributes, Status: plan.Published, Owner: "strukturbild"}
	layer.Keywords, layer.Language, layer.AccessRights = d.Keywords, "sv", plan.Public
	s.Describe(layer)
	return layer
}

// Describe makes the layer tell that its content is the source's, and leaves what people may have written beside it.
func (s *Source) Describe(layer *plan.Layer) {
	layer.Source, layer.Licence, layer.LicenceURI = strings.TrimPrefix(s.Attribution, "Källa: "), s.Licence, s.LicenceURI
	layer.LandingPage, layer.UpdateRhythm, layer.Synthetic = s.LandingPage, s.UpdateRhythm, false
	layer.Lineage = plan.Text{
		SV: "Hämtat från " + s.Publisher + ": " + s.Title.SV + ". Det som ligger i länet, med kolumnerna översatta efter källkatalogen (" + s.ID + ").",
		EN: "Fetched from " + s.Publisher + ": " + cmp.Or(s.Title.EN, s.Title.SV) + ". What lies in the county, with the columns translated by the catalogue of sources (" + s.ID + ").",
	}
}

// Due reports whether what was pulled then is older than it may be.
func (s *Source) Due(pulled, now time.Time) bool {
	return s.RefreshDays > 0 && s.Access.Kind != Manual && now.Sub(pulled) >= time.Duration(s.RefreshDays)*24*time.Hour
}

// Find gives the source of that id, or NotFound.
func (c *Catalogue) Find(id string) (*Source, error) {
	i := slices.IndexFunc(c.Sources, func(s Source) bool { return s.ID == id })
	if i < 0 {
		return nil, plan.Errorf(plan.NotFound, "source", "there is no source %q", id)
	}
	return &c.Sources[i], nil
}
