package server_test

import (
	"net/http"
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
