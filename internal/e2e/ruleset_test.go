package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRulesetByCommand: a planner takes the rules out, changes a distance, is told of a slip, loads and publishes the new
// version, and the next question is answered by it.
func TestRulesetByCommand(t *testing.T) {
	s := start(t, dataDir(t))
	s.must(http.StatusCreated, "POST", "/api/v1/layers", "application/json", strings.NewReader(`{"id":"reservat","theme":"nature",
		"title":{"sv":"Reservat"},"geometry_type":"polygon","status":"published","attributes":[]}`))
	s.must(http.StatusCreated, "POST", "/api/v1/layers/reservat/features?crs=EPSG:3006", "application/geo+json", strings.NewReader(
		`{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[400000,6400000],[400100,6400000],[400100,6400100],[400000,6400100],[400000,6400000]]]}}`))
	near := func() string { // a turbine 600 m from the reserve
		answer := s.must(http.StatusOK, "POST", "/api/v1/conflicts", "application/json", strings.NewReader(
			`{"geometry":{"type":"Point","coordinates":[400700,6400050]},"crs":"EPSG:3006","theme":"wind","attributes":{"total_height":350}}`))
		return fmt.Sprint(answer["ruleset"], answer["hits_total"])
	}
	if got := near(); got != "map[id:grund version:1] 0" {
		t.Fatalf("at first the answer is %s", got)
	}
	rules, err := s.ruleset("", "export")
	if err != nil || !strings.Contains(rules, "distance_m: 500") {
		t.Fatalf("%v\n%s", err, clip([]byte(rules)))
	}
	change := func(distance string) string {
		file := filepath.Join(t.TempDir(), "rules.yaml")
		at := strings.Index(rules, "id: wind_nature_within_500")
		changed := rules[:at] + strings.Replace(rules[at:], "distance_m: 500", "distance: "+distance, 1)
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if told, err := s.ruleset(s.token, "load", change("'2 * claim.total_heigth + * 3'"), "--publish"); err == nil ||
		!strings.Contains(told, "wind_nature_within_500") || !strings.Contains(told, "/distance: ") || !strings.Contains(told, "column") {
		t.Errorf("a slip is told so: %v\n%s", err, told)
	}
	if told, err := s.ruleset("", "load", change("'2 * claim.total_height'")); err == nil || !strings.Contains(told, "token") {
		t.Errorf("without a token: %v\n%s", err, told)
	}
	if got := near(); got != "map[id:grund version:1] 0" {
		t.Errorf("after the slip the answer is %s", got)
	}
	told, err := s.ruleset(s.token, "load", change("'2 * claim.total_height'"), "--publish")
	if err != nil || !strings.Contains(told, "is published and counts") {
		t.Fatalf("%v\n%s", err, told)
	}
	if got := near(); !strings.HasPrefix(got, "map[id:grund version:") || strings.HasPrefix(got, "map[id:grund version:1]") || !strings.HasSuffix(got, " 1") {
		t.Errorf("by the new version the answer is %s", got)
	}
}

// ruleset runs strukturbild ruleset; "" is no token.
func (s *service) ruleset(token string, args ...string) (string, error) {
	s.t.Helper()
	command := exec.Command(binary, append(append([]string{"ruleset"}, args...), "--server", s.base)...)
	command.Env = append(os.Environ(), "STRUKTURBILD_TOKEN="+token)
	out, err := command.CombinedOutput()
	return string(out), err
}
