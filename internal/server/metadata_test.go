package server_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

func TestLayersDescribeThemselves(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, http.MethodPost, "/api/v1/layers", provLayer).want(http.StatusCreated)
	path := "/api/v1/layers/prov"
	layer := s.ask(plan.Officer, http.MethodPatch, path, `{"licence":"CC BY 4.0","keywords":[{"sv":"åker","en":"field"},{"sv":"bete"}],
		"vintage":{"from":"2025"},"contact":{"name":"Ann","email":"ann@example.se"},"lineage":{"sv":"Ritad för hand"},"update_rhythm":"ANNUAL"}`).want(http.StatusOK).json()
	if layer["licence_uri"] != "http://creativecommons.org/licenses/by/4.0/" || layer["update_rhythm"] != "ANNUAL" {
		t.Errorf("%v", layer)
	}
	// Groups and lists are replaced as a whole; what is not named stays.
	s.ask(plan.Officer, http.MethodPatch, path, `{"keywords":[{"sv":"vall"}],"contact":{"organisation":"Kommunen"}}`).want(http.StatusOK)
	got := s.ask(plan.Anonymous, http.MethodGet, path, "").want(http.StatusOK).json()
	keywords, contact := got["keywords"].([]any), got["contact"].(map[string]any)
	if len(keywords) != 1 || keywords[0].(map[string]any)["en"] != "" || contact["name"] != nil || contact["organisation"] != "Kommunen" {
		t.Errorf("%v %v", keywords, contact)
	}
	if lineage := got["lineage"].(map[string]any); lineage["sv"] != "Ritad för hand" {
		t.Errorf("%v", lineage)
	}
	revisions := got["revisions"].([]any)
	if len(revisions) != 3 || revisions[0].(map[string]any)["revision"] != got["revision"] || revisions[2].(map[string]any)["kind"] != "layer" {
		t.Errorf("%v", revisions)
	}
	s.ask(plan.Officer, http.MethodPatch, path, `{"update_rhythm":"often"}`).problem(http.StatusBadRequest, plan.Invalid)
	s.ask(plan.Officer, http.MethodPatch, path, `{"contact":{"email":"ann"}}`).problem(http.StatusBadRequest, plan.Invalid)
}

// TestCatalogueOfThePublished: what is served in both syntaxes keeps the rules of DCAT-AP-SE, and has no draft.
func TestCatalogueOfThePublished(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, http.MethodPost, "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.ask(plan.Officer, http.MethodPost, "/api/v1/layers", strings.NewReplacer(`"prov"`, `"utkast"`, "published", "draft").Replace(provLayer)).want(http.StatusCreated)
	s.ask(plan.Officer, http.MethodPatch, "/api/v1/layers/prov", `{"licence":"CC0 1.0","vintage":{"from":"2025"},"keywords":[{"sv":"åker"}]}`).want(http.StatusOK)
	s.ask(plan.Officer, http.MethodPost, "/api/v1/layers/prov/features",
		`{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[13,58],[13.1,58],[13.1,58.1],[13,58]]]}}`).want(http.StatusCreated)
	turtle := s.ask(plan.Officer, http.MethodGet, "/api/v1/dcat", "", "Accept", "text/turtle;q=0.9, application/rdf+xml;q=0.1").want(http.StatusOK)
	xml := s.ask(plan.Anonymous, http.MethodGet, "/api/v1/dcat", "", "Accept", "application/rdf+xml").want(http.StatusOK)
	if got := turtle.header.Get("Content-Type") + " " + xml.header.Get("Content-Type"); got != "text/turtle; charset=utf-8 application/rdf+xml" {
		t.Error(got)
	}
	if same := s.ask(plan.Anonymous, http.MethodGet, "/api/v1/dcat?f=rdf", "").want(http.StatusOK); string(same.body) != string(xml.body) {
		t.Error("f=rdf is something else than Accept")
	}
	for text, want := range map[string]bool{"layers/prov> rdf:type": true, "utkast": false, `"2025"^^xsd:gYear`: true, "POLYGON((12.99": true, "dcterms:issued": true} {
		if strings.Contains(string(turtle.body), text) != want {
			t.Errorf("%q: want %v in %s", text, want, turtle.body)
		}
	}
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "a.ttl"), filepath.Join(dir, "a.rdf")}
	for i, body := range [][]byte{turtle.body, xml.body} {
		if err := os.WriteFile(paths[i], body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("/usr/bin/python3", "../dcat/testdata/check.py", paths[0], paths[1]).CombinedOutput(); err != nil {
		t.Errorf("%s", out)
	}
	s.ask(plan.Anonymous, http.MethodGet, "/api/v1/dcat?f=json", "").problem(http.StatusBadRequest, plan.Invalid)
}
