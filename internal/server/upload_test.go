package server_test

import (
	"net/http"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

const (
	fieldsPath = "/api/v1/layers/prov/uploads?"
	fieldsCSV  = "Namn;Antal;WKT\nÅker;12;POLYGON((350000 6450000,350100 6450000,350100 6450100,350000 6450000))\n"
	attachment = `attachment; filename*=UTF-8''%C3%A5krar.csv`
)

// TestUploadOfAnotherFormat: what holds for GeoJSON holds for a CSV file too.
func TestUploadOfAnotherFormat(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	post := func(query, body string, headers ...string) *answer {
		t.Helper()
		return s.ask(plan.Officer, "POST", fieldsPath+query, body, append([]string{"Content-Type", "application/octet-stream"}, headers...)...)
	}
	dry := post("crs=EPSG:3006&dry_run=true", fieldsCSV, "Content-Disposition", attachment).want(http.StatusOK).json()
	if dry["added"] != 1.0 || !strings.Contains(string(mustJSON(dry["findings"])), "attribute_coerced") {
		t.Error(dry)
	}
	first := post("crs=EPSG:3006&filename=x.csv", fieldsCSV, "Idempotency-Key", "k").want(http.StatusCreated)
	again := post("crs=EPSG:3006&filename=x.csv", fieldsCSV, "Idempotency-Key", "k").want(http.StatusCreated)
	if again.header.Get("Idempotent-Replayed") != "true" || again.json()["revision"] != first.json()["revision"] {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	same := post("crs=EPSG:3006&filename=x.csv&mode=replace", fieldsCSV).want(http.StatusCreated).json()
	if same["unchanged"] != 1.0 || same["revision"] != nil {
		t.Error(same)
	}
	for query, want := range map[string]string{
		"filename=x.csv":                                 "could be EPSG:3006",
		"crs=EPSG:3006":                                  "not recognised",
		"crs=EPSG:3006&filename=x.gpkg":                  "does not begin as one",
		"crs=EPSG:3006&filename=x.csv&encoding=ebcdic":   "encoding",
		"crs=EPSG:3006&filename=x.csv&map=antal:hur_mer": "no attribute",
		"crs=EPSG:3006&filename=x.csv&source_layer=y":    "no layer",
		"crs=EPSG:3006&filename=x.csv&id=Namn":           "",
	} {
		answer := post(query+"&dry_run=true", fieldsCSV)
		if want == "" {
			answer.want(http.StatusOK)
		} else if problem := answer.problem(http.StatusBadRequest, plan.Invalid); !strings.Contains(problem["detail"].(string), want) {
			t.Errorf("%s: %v", query, problem)
		}
	}
	post("crs=EPSG:3006&filename=x.csv", fieldsCSV+strings.Repeat("\n", 5<<20)).problem(http.StatusRequestEntityTooLarge, plan.TooLarge)
}
