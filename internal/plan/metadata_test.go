package plan

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestMetadataIsChecked(t *testing.T) {
	for name, one := range map[string]struct {
		text    string // the metadata as JSON
		pointer string // of the fault; "" for none
	}{
		"nothing":            {`{}`, ""},
		"everything":         {`{"keywords":[{"sv":"vind","en":"wind"}],"vintage":{"from":"2022","to":"2022-06-30"},"contact":{"name":"Ann","email":"ann@example.se"},"update_rhythm":"ANNUAL","language":"sv","lineage":{"sv":"Ur registret"},"landing_page":"https://example.se/x?y=1","licence_uri":"http://creativecommons.org/publicdomain/zero/1.0/","access_rights":"PUBLIC"}`, ""},
		"open period":        {`{"vintage":{"from":"2022-01-01"}}`, ""},
		"keyword in English": {`{"keywords":[{"sv":"vind"},{"en":"wind"}]}`, "/keywords/1"},
		"long keyword":       {`{"keywords":[{"sv":"` + strings.Repeat("å", 101) + `"}]}`, "/keywords/0"},
		"many keywords":      {`{"keywords":[` + strings.Repeat(`{"sv":"a"},`, 50) + `{"sv":"a"}]}`, "/keywords"},
		"no date":            {`{"vintage":{"from":"2022-02-30"}}`, "/vintage"},
		"backwards":          {`{"vintage":{"from":"2022-07-01","to":"2022-06-30"}}`, "/vintage"},
		"backwards by year":  {`{"vintage":{"from":"2023","to":"2022-06-30"}}`, "/vintage"},
		"no e-mail":          {`{"contact":{"name":"Ann","email":"ann"}}`, "/contact/email"},
		"e-mail with name":   {`{"contact":{"name":"Ann","email":"Ann <ann@example.se>"}}`, "/contact/email"},
		"contact of nobody":  {`{"contact":{"email":"ann@example.se"}}`, "/contact"},
		"own rhythm":         {`{"update_rhythm":"sometimes"}`, "/update_rhythm"},
		"own language":       {`{"language":"swedish"}`, "/language"},
		"own rights":         {`{"access_rights":"secret"}`, "/access_rights"},
		"English lineage":    {`{"lineage":{"en":"From the register"}}`, "/lineage/sv"},
		"no address":         {`{"landing_page":"example.se"}`, "/landing_page"},
		"script":             {`{"landing_page":"javascript:alert(1)"}`, "/landing_page"},
		"space in address":   {`{"licence_uri":"https://example.se/a b"}`, "/licence_uri"},
	} {
		layer := Layer{ID: "a", Theme: Wind, GeometryType: Point, Status: Draft, Title: Text{SV: "A"}}
		if err := json.Unmarshal([]byte(one.text), &layer); err != nil {
			t.Fatal(name, err)
		}
		err := layer.Validate()
		if one.pointer == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		known, ok := err.(*Error)
		if !ok || !slices.ContainsFunc(known.Findings, func(f Finding) bool { return f.Pointer == one.pointer }) {
			t.Errorf("%s: %v, want a fault at %s", name, err, one.pointer)
		}
	}
}

// TestBuiltInLayersDescribeThemselves: those that are born with content say where it comes from; those that are born
// empty claim nothing.
func TestBuiltInLayersDescribeThemselves(t *testing.T) {
	for _, layer := range BuiltIn() {
		if err := layer.Validate(); err != nil {
			t.Error(err)
		}
		if len(layer.Keywords) == 0 || layer.Language != "sv" || layer.UpdateRhythm == "" {
			t.Errorf("%s lacks keywords, language or rhythm", layer.ID)
		}
		filled := layer.Source != ""
		if told := layer.Lineage.SV != "" && layer.Lineage.EN != "" && layer.LicenceAddress() != ""; told != filled {
			t.Errorf("%s has the source %q, the lineage %q and the licence %q", layer.ID, layer.Source, layer.Lineage.SV, layer.LicenceAddress())
		}
	}
}

// TestOldDefinitionsAreRead: layers that were kept before there was metadata have none, and stay as they are.
func TestOldDefinitionsAreRead(t *testing.T) {
	const old = `{"id":"a","theme":"wind","title":{"sv":"A","en":""},"description":{"sv":"","en":""},"geometry_type":"point","attributes":[],` +
		`"source":"","licence":"","status":"draft","owner":"","synthetic":false,"built_in":false`
	var layer Layer
	if err := json.Unmarshal([]byte(old+`}`), &layer); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(layer)
	if err != nil || !strings.HasPrefix(string(text), old+`,"tiling":false,"revision":0,`) {
		t.Errorf("%s %v", text, err)
	}
}
