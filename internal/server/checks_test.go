package server_test

import (
	"net/http"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// TestRepairAndSkip loads a file with one good feature, one that a repair mends, and one that it does not.
func TestRepairAndSkip(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	spiked := strings.Replace(square("spets", 350200, 6450000, `{}`), "[350300,6450100]", "[350300,6450100],[350300,6450900],[350300,6450100]", 1)
	crossed := strings.Replace(square("kors", 350400, 6450000, `{}`), "[350500,6450000],[350500,6450100]", "[350500,6450100],[350500,6450000]", 1)
	file := collection(square("hel", 350000, 6450000, `{"antal":1}`), spiked, crossed)

	refused := string(s.upload("", file).want(http.StatusBadRequest).body)
	for _, part := range []string{`"spike"`, `"self_intersection"`, "Med repair=true lagas den", "mer än vad som tillåts"} {
		if !strings.Contains(refused, part) {
			t.Errorf("%s is not in %s", part, refused)
		}
	}
	s.upload("repair=true", file).want(http.StatusBadRequest)
	s.upload("repair_max_ha=11", file).want(http.StatusBadRequest)
	s.upload("require=hojd", file).want(http.StatusBadRequest)
	s.upload("require=dag&on_fault=skip_feature", file).want(http.StatusBadRequest)
	job := s.upload("repair=true&on_fault=skip_feature&require=antal", file).want(http.StatusCreated).json()
	if findings := string(mustJSON(job["findings"])); job["read"] != 3.0 || job["accepted"] != 2.0 || job["repaired"] != 1.0 || job["refused"] != 1.0 || job["added"] != 2.0 || !strings.Contains(findings, `"repaired"`) || !strings.Contains(findings, `"self_intersection"`) {
		t.Errorf("%v", job)
	}
	mended := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/spets?crs=EPSG:3006", "").want(http.StatusOK)
	if strings.Contains(string(mended.body), "6450900") {
		t.Errorf("%s", mended.body)
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/kors", "").want(http.StatusNotFound)
}
