package ingest

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/plan"
)

// splitter cuts a body into features: the elements of a FeatureCollection (RFC 7946), the texts of a sequence (newline-
// delimited, or RFC 8142), or a single feature or geometry.
type splitter struct {
	*stream
	choice  *crsChoice
	feature func(raw []byte, at int64) error // gets each feature; raw is good during the call
}

var isEmpty = plan.Text{SV: "innehållet är tomt", EN: "it is empty"}

const featureCollection = "FeatureCollection"

func (s *splitter) run() error {
	collection := beginsCollection(s.src.ahead())
	switch kind := s.peek(); {
	case kind == '{' && collection:
		return s.collection()
	case kind == '{':
		return s.sequence()
	case kind != 0:
		return fatalf(s.dec.InputOffset(), notGeoJSON, kindOf(byte(kind)))
	}
	err := s.token()
	if err == io.EOF {
		return fatalf(0, notGeoJSON, isEmpty)
	}
	return err
}

// beginsCollection guesses from the first bytes whether the object is a collection, which is read element by element,
// or a feature, which is read whole. Members may come in any order, so that type need not be the first.
func beginsCollection(prefix []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(prefix))
	if _, err := dec.ReadToken(); err != nil {
		return false
	}
	for {
		name, err := dec.ReadToken()
		if err != nil {
			return true
		}
		switch name.String() {
		case "type":
			value, err := dec.ReadToken()
			return err == nil && value.String() == featureCollection
		case "features":
			return true
		case "geometry", "properties", "coordinates", "geometries":
			return false
		}
		if dec.SkipValue() != nil {
			return true
		}
	}
}

// sequence reads features and geometries up to the end of the body.
func (s *splitter) sequence() error {
	for first := true; ; first = false {
		raw, at, err := s.value()
		if err == io.EOF {
			return nil
		}
		if err == nil && first {
			err = s.choice.find(raw, at)
		}
		if err == nil {
			err = s.feature(raw, at)
		}
		if err != nil {
			return err
		}
	}
}

// collection reads a FeatureCollection, which must be all that there is.
func (s *splitter) collection() error {
	if err := s.token(); err != nil {
		return err
	}
	kind, features := "", false
	for s.peek() == '"' {
		name, _, err := s.value()
		if err != nil {
			return err
		}
		switch string((&cursor{doc: name}).text()) {
		case "type":
			kind, err = s.kind()
		case "features":
			features, err = true, s.features()
		case "crs":
			var at int64
			if name, at, err = s.value(); err == nil {
				err = s.choice.state(name, at)
			}
		default:
			err = s.skip()
		}
		if err != nil {
			return err
		}
	}
	if err := s.token(); err != nil { // the closing brace
		return err
	}
	switch {
	case kind != featureCollection:
		return fatalf(0, notGeoJSON, typeIs(kind))
	case !features:
		return fatalf(0, notGeoJSON, plan.Text{SV: "samlingen saknar features", EN: "the collection has no features member"})
	}
	return s.end()
}

func (s *splitter) kind() (string, error) {
	raw, _, err := s.value()
	if err != nil {
		return "", err
	}
	return typeName(&cursor{doc: raw}), nil
}

func (s *splitter) features() error {
	if kind := s.peek(); kind != '[' && kind != 0 {
		return fatalf(s.dec.InputOffset(), notGeoJSON, plan.Text{SV: "features ska vara en lista", EN: "features must be an array"})
	}
	if err := s.token(); err != nil {
		return err
	}
	for s.peek() != ']' {
		raw, at, err := s.value()
		if err == nil {
			err = s.feature(raw, at)
		}
		if err != nil {
			return err
		}
	}
	return s.token()
}
