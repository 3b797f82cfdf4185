package source

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

//go:embed catalogue.yaml
var embedded []byte

// Load gives the catalogue that the service is born with. A file of the operator's, where there is one, adds sources
// and replaces those of the same id.
func Load(filename string) (*Catalogue, error) {
	catalogue, err := Parse(bytes.NewReader(embedded))
	if err != nil || filename == "" {
		return catalogue, err
	}
	file, err := os.Open(filename)
	if errors.Is(err, os.ErrNotExist) {
		return catalogue, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	own, err := Parse(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filename, err)
	}
	for _, s := range own.Sources {
		catalogue.Sources = slices.DeleteFunc(catalogue.Sources, func(old Source) bool { return old.ID == s.ID })
		catalogue.Sources = append(catalogue.Sources, s)
	}
	return catalogue, nil
}

// Parse reads a catalogue from YAML and reports every fault at once, as one Invalid error with a finding a fault.
func Parse(r io.Reader) (*Catalogue, error) {
	decoder := yaml.NewDecoder(r)
	decoder.KnownFields(true)
	var catalogue Catalogue
	c := check{layers: plan.BuiltIn()}
	err := decoder.Decode(&catalogue)
	if typeError, partly := errors.AsType[*yaml.TypeError](err); partly {
		for _, fault := range typeError.Errors {
			c.fault("", "%s", fault)
		}
	} else if err != nil {
		return nil, plan.Errorf(plan.Invalid, "sources", "the catalogue of sources is not readable YAML: %w", err)
	}
	c.catalogue(&catalogue)
	if n := len(c.faults); n > 0 {
		return nil, plan.Errorf(plan.Invalid, "sources", "the catalogue of sources has %d fault(s): %s", n, c.faults[0].Message.EN).WithFindings(c.faults...)
	}
	return &catalogue, nil
}

// check gathers what is wrong with a catalogue.
type check struct {
	layers []plan.Layer // that are there without being defined
	faults []plan.Finding
}

func (c *check) fault(id, format string, args ...any) {
	sentence := fmt.Sprintf(format, args...)
	if id != "" {
		sentence = fmt.Sprintf("source %q: %s", id, sentence)
	}
	c.faults = append(c.faults, plan.Finding{Feature: -1, ID: id, Rule: "source", Message: plan.Text{SV: sentence, EN: sentence}})
}

func (c *check) catalogue(catalogue *Catalogue) {
	if catalogue.Version != 1 {
		c.fault("", "version is %d, and must be 1", catalogue.Version)
	}
	seen := map[string]bool{}
	for i := range catalogue.Sources {
		s := &catalogue.Sources[i]
		if seen[s.ID] {
			c.fault(s.ID, "the id is there twice")
		}
		seen[s.ID] = true
		c.source(s)
	}
}

func (c *check) source(s *Source) {
	if !plan.Named.MatchString(s.ID) || len(s.ID) > plan.MaxName {
		c.fault(s.ID, "the id must match %s and have at most %d characters", plan.Named, plan.MaxName)
	}
	for name, value := range map[string]string{"title.sv": s.Title.SV, "publisher": s.Publisher, "licence": s.Licence, "attribution": s.Attribution, "layer": s.Layer} {
		if value == "" {
			c.fault(s.ID, "%s is missing", name)
		}
	}
	if s.UpdateRhythm != "" && !slices.Contains(plan.UpdateRhythms, s.UpdateRhythm) {
		c.fault(s.ID, "update_rhythm %q is not one of %v", s.UpdateRhythm, plan.UpdateRhythms)
	}
	for name, address := range map[string]string{"landing_page": s.LandingPage, "licence_uri": s.LicenceURI} {
		if address != "" && !plan.IsWebAddress(address) {
			c.fault(s.ID, "%s %q is no web address", name, address)
		}
	}
	if !slices.Contains([]string{"", "refuse_file", "skip_feature"}, s.OnFault) {
		c.fault(s.ID, "on_fault %q is neither refuse_file nor skip_feature", s.OnFault)
	}
	if s.RefreshDays < 0 {
		c.fault(s.ID, "refresh_days must not be negative")
	}
	if _, err := geo.ParseCRS(s.CRS); err != nil {
		c.fault(s.ID, "crs: %v", err)
	}
	if len(s.Key) == 0 {
		c.fault(s.ID, "key is missing: it names the columns that tell one feature from another")
	}
	c.access(s)
	c.mapping(s)
	for i, condition := range s.Filter {
		if len(condition.Column) == 0 || len(condition.In)+len(condition.Prefix) == 0 && condition.Has == "" {
			c.fault(s.ID, "filter %d needs column, and one of in, prefix and has", i)
		}
	}
}

// needed says what each kind of access needs beside an address.
var needed = map[Kind]func(a *Access) string{
	WFS:    func(a *Access) string { return missing("type_name", a.TypeName != "") },
	ArcGIS: func(a *Access) string { return missing("layers", len(a.Layers) > 0) },
	OGCAPI: func(a *Access) string { return missing("collection", a.Collection != "") },
}

func missing(name string, there bool) string {
	if there {
		return ""
	}
	return name
}

func (c *check) access(s *Source) {
	a := &s.Access
	if !slices.Contains(kinds, a.Kind) {
		c.fault(s.ID, "access.kind %q is not one of %v", a.Kind, kinds)
		return
	}
	secure := strings.HasPrefix(a.URL, "https://") || a.PlainHTTP
	if a.Kind != Manual && (!plan.IsWebAddress(a.URL) || !secure) {
		c.fault(s.ID, "access.url %q must begin with https:// (or http:// with plain_http: true)", a.URL)
	}
	if need := needed[a.Kind]; need != nil && need(a) != "" {
		c.fault(s.ID, "access.%s is missing", need(a))
	}
	if a.PageSize < 0 || a.PageSize > 100_000 || a.MaxMiB < 0 || a.MaxMiB > 1<<20 {
		c.fault(s.ID, "access.page_size must be 0 to 100000, and access.max_mib 0 to 1048576")
	}
}

// mapping holds the map against the layer's schema: the one that is defined here, or that of a built-in layer. Another
// layer is the operator's own, and is looked at when it is pulled into.
func (c *check) mapping(s *Source) {
	layer := s.LayerDefinition()
	if layer != nil {
		if err := layer.Validate(); err != nil {
			c.fault(s.ID, "define: %v", err)
		}
	}
	for i := range c.layers {
		if c.layers[i].ID == s.Layer {
			layer = &c.layers[i]
		}
	}
	for name, column := range s.Map {
		if layer != nil && layer.Attribute(name) < 0 {
			c.fault(s.ID, "map: the layer %s has no attribute %q", s.Layer, name)
		}
		if (len(column.From) == 0) == (column.Value == "") {
			c.fault(s.ID, "map: %s needs either from or value", name)
		}
		if _, err := time.Parse(time.DateOnly, column.Earliest); column.Earliest != "" && err != nil {
			c.fault(s.ID, "map: %s: earliest %q is no date", name, column.Earliest)
		}
	}
}
