package server_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/jobs"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

const reports = "/api/v1/reports"

// order has a report made, and gives it.
func (s *site) order(body string) map[string]any {
	s.Helper()
	made := s.ask(plan.Planner, "POST", reports+"?wait=30", body).want(201).json()
	if made["state"] != "done" {
		s.Fatalf("the report is %v", made)
	}
	return made
}

// read gives a report in a form.
func (s *site) read(role plan.Role, report map[string]any, query string) []byte {
	s.Helper()
	return s.ask(role, "GET", reports+"/"+report["id"].(string)+"?"+query, "").want(200).body
}

// region makes two municipalities of the test's place.
func (s *site) region() {
	s.Helper()
	s.ask(plan.Officer, "POST", "/api/v1/layers", `{"id":"kommun","theme":"administrative","title":{"sv":"Kommuner"},"geometry_type":"polygon","status":"published",
		"source":"Lantmäteriet","licence":"CC0","attributes":[{"name":"kommunkod","type":"text"},{"name":"namn","type":"text"},{"name":"kommunalforbund","type":"text"}]}`).want(201)
	for i, k := range [][2]string{{"1401", "Västerås by"}, {"1402", "Östra Ängby"}} {
		x := 399000 + 1050*i
		s.park("kommun", fmt.Sprintf(`{"type":"Feature","id":"%s","properties":{"kommunkod":"%s","namn":"%s","kommunalforbund":"gr"},"geometry":{"type":"Polygon","coordinates":[[[%d,6449000],[%d,6449000],[%d,6452000],[%d,6452000],[%d,6449000]]]}}`,
			k[0], k[0], k[1], x, x+1050, x+1050, x, x))
	}
}

// TestReportIsFrozen: a later revision and other rules change nothing of a report; the same inputs make the same hash.
func TestReportIsFrozen(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Anonymous, "GET", "/api/v1/rulesets", "").want(200)
	s.region()
	s.farms()
	const body = `{"kind":"conflicts","title":"Åkrar och ängar","author":"Gruppen för strukturbild","public":true}`
	first, again := s.order(body), s.order(strings.Replace(body, "Åkrar", "Andra", 1))
	if first["sha256"] != again["sha256"] || first["complete"] != true {
		t.Errorf("the same inputs give %v and %v", first["sha256"], again["sha256"])
	}
	canonical := s.read(plan.Anonymous, first, "f=canonical")
	if sum := sha256.Sum256(canonical); hex.EncodeToString(sum[:]) != first["sha256"] {
		t.Errorf("the content's hash is not %v", first["sha256"])
	}
	pdf := s.read(plan.Anonymous, first, "f=pdf")

	s.park("parker", square("9", 400040, 6450040, `{"namn":"Nio"}`))
	s.ask(plan.Planner, "POST", versions, "").want(201)
	s.ask(plan.Planner, "PATCH", versions+"/2", `{"matrix":[{"claim":"wind","interest":"forest","severity":3,"basis":"prov","confidence":"low"}]}`).want(200)
	s.ask(plan.Planner, "POST", versions+"/2/publish", "").want(200)
	for form, was := range map[string][]byte{"canonical": canonical, "pdf": pdf} {
		if !bytes.Equal(s.read(plan.Anonymous, first, "f="+form), was) {
			t.Errorf("the report as %s has changed", form)
		}
	}
	later := s.order(body)
	if later["sha256"] == first["sha256"] {
		t.Error("another revision by other rules gives the same hash")
	}
	state := fmt.Sprintf(`"revision":%v,"version":1,`, first["order"].(map[string]any)["state"].(map[string]any)["revision"])
	if back := s.order(strings.Replace(body, `"kind"`, state+`"kind"`, 1)); back["sha256"] != first["sha256"] {
		t.Error("the earlier state by the earlier rules gives another hash")
	}
	conn := pgtest.Connect(t, s.schema)
	if _, err := conn.Exec(t.Context(), "UPDATE report SET content = 'x' WHERE id = $1", first["id"]); err == nil || !strings.Contains(err.Error(), "frozen") {
		t.Errorf("the database lets a frozen report be changed: %v", err)
	}
}

// TestReportForms reads the same figures in every form.
func TestReportForms(t *testing.T) {
	s := newSite(t)
	s.region()
	s.farms()
	made := s.order(`{"kind":"conflicts","limit":50}`)
	frozen := s.ask(plan.Viewer, "GET", reports+"/"+made["id"].(string), "").want(200).json()["content"].(map[string]any)
	if frozen["total"] != 3.0 || len(frozen["conflicts"].([]any)) != 3 || len(frozen["map"].([]any)) != 2 {
		t.Fatalf("frozen is %v", frozen)
	}
	want := fmt.Sprint(frozen["conflicts"].([]any)[0].(map[string]any)["area_ha"])

	rows, err := csv.NewReader(bytes.NewReader(s.read(plan.Viewer, made, "f=csv"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "id" || rows[1][11] != want {
		t.Errorf("CSV says %v, %v; want an area of %s", rows, err, want)
	}
	if got := string(s.read(plan.Viewer, made, "f=csv&table=kommuner&separator=semicolon&bom=true")); !strings.HasPrefix(got, "\ufeffid;namn;konflikter") ||
		!strings.Contains(got, "Östra Ängby") {
		t.Errorf("the table of municipalities is %s", got)
	}
	dir := t.TempDir()
	xlsx := s.read(plan.Viewer, made, "f=xlsx")
	if book, err := zip.NewReader(bytes.NewReader(xlsx), int64(len(xlsx))); err != nil || len(book.File) < 15 {
		t.Errorf("the workbook is broken: %v", err)
	}
	gpkg := filepath.Join(dir, "r.gpkg")
	if err := os.WriteFile(gpkg, s.read(plan.Viewer, made, "f=gpkg"), 0o600); err != nil {
		t.Fatal(err)
	}
	told, err := exec.Command("ogrinfo", "-al", "-q", gpkg).CombinedOutput()
	for _, says := range []string{"konflikter_yta", "karta_kommuner", "MULTIPOLYGON", "om_rapporten", "Östra Ängby", "Skogsstyrelsen"} {
		if !strings.Contains(string(told), says) {
			t.Errorf("ogrinfo (%v) does not tell %s: %.1500s", err, says, told)
		}
	}
	s.printed(made, "Målkonflikter – Västra Götaland", "Västerås by", "Skogsstyrelsen", "Kunskapsunderlag, inte bindande", "Spårbarhet", "Sida 1 av", "miljöbalken", "kan inte bedömas", made["sha256"].(string))
	s.ask(plan.Viewer, "GET", reports+"/"+made["id"].(string)+"?f=csv&table=nej", "").problem(400, plan.Invalid)
}

// printed holds the text of the PDF against what it must say.
func (s *site) printed(made map[string]any, says ...string) {
	s.Helper()
	path := filepath.Join(s.TempDir(), "r.pdf")
	if err := os.WriteFile(path, s.read(plan.Viewer, made, "f=pdf"), 0o600); err != nil {
		s.Fatal(err)
	}
	told, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		s.Fatalf("pdftotext: %v", err)
	}
	for _, word := range says {
		if !strings.Contains(string(told), word) {
			s.Errorf("the PDF does not say %q:\n%.3000s", word, told)
		}
	}
}

// TestReportKinds makes a what-if and a comparison.
func TestReportKinds(t *testing.T) {
	s := newSite(t)
	s.region()
	s.farms()
	whatIf := s.order(`{"kind":"what_if","title":"Ny park","claim":{"theme":"wind","crs":"EPSG:3006","geometry":{"type":"Polygon","coordinates":[[[400000,6450000],[400050,6450000],[400050,6450050],[400000,6450050],[400000,6450000]]]}}}`)
	content := s.ask(plan.Viewer, "GET", reports+"/"+whatIf["id"].(string), "").want(200).json()["content"].(map[string]any)
	if got := fmt.Sprint(content["claim_extent"], content["place"], content["total"]); !strings.Contains(got, "area_ha:0.25") || !strings.Contains(got, "Västerås by") {
		t.Errorf("the what-if says %s", got)
	}
	s.printed(whatIf, "Ny park", "Det ritade är vindkraft (0,25 ha) i Västerås by", "Vindkraft överlappar skog")

	before := s.atlas.View().Revision()
	s.ask(plan.Officer, "DELETE", "/api/v1/layers/parker/features/2", "").want(204)
	s.park("parker", square("3", 399950, 6449950, `{"namn":"Tre"}`))
	comparison := s.order(fmt.Sprintf(`{"kind":"comparison","from":{"revision":%d}}`, before))
	content = s.ask(plan.Viewer, "GET", reports+"/"+comparison["id"].(string), "").want(200).json()["content"].(map[string]any)
	total := content["comparison"].(map[string]any)["total"].(map[string]any)
	if total["gone"] != 2.0 || total["new"] != 1.0 || content["total"] != 3.0 {
		t.Errorf("the comparison says %v", total)
	}
	s.printed(comparison, "Jämförelse av målkonflikter", "borta", "Konflikterna som ändrats", "Källor i det första läget")
	if got := string(s.read(plan.Viewer, comparison, "f=csv")); strings.Count(got, "borta") != 2 || !strings.Contains(got, "fore_area_ha") {
		t.Errorf("CSV says %s", got)
	}
}

// TestReportRefuses names the spot of each fault, and keeps nothing.
func TestReportRefuses(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Anonymous, "GET", "/api/v1/rulesets", "").want(200)
	s.region()
	s.farms()
	for body, locator := range map[string]string{
		`{"kind":"conflicts","revision":999}`:                                      "/revision",
		`{"kind":"conflicts","ruleset":"nej"}`:                                     "/ruleset",
		`{"kind":"conflicts","version":7}`:                                         "/version",
		`{"kind":"conflicts","kommun":"9999"}`:                                     "/kommun",
		`{"kind":"conflicts","kommunalforbund":"nej"}`:                             "/kommunalforbund",
		`{"kind":"conflicts","layer":"nej"}`:                                       "/layer",
		`{"kind":"conflicts","rule":"nej"}`:                                        "/rule",
		`{"kind":"comparison"}`:                                                    "/from",
		`{"kind":"comparison","from":{"revision":999}}`:                            "/from/revision",
		`{"kind":"comparison","from":{"revision":1,"version":9}}`:                  "/from/version",
		`{"kind":"what_if"}`:                                                       "/claim",
		`{"kind":"what_if","claim":{"theme":"wind","geometry":{"type":"Circle"}}}`: "",
		`{"kind":"what_if","claim":{"theme":"wind","attributes":{"a":[1]},"geometry":{"type":"Point","coordinates":[12,58]}}}`: "",
	} {
		p := s.ask(plan.Planner, "POST", reports, body)
		if p.status != 400 && p.status != 404 || locator != "" && p.json()["locator"] != locator {
			t.Errorf("%s: %d %s", body, p.status, p.body)
		}
	}
	for _, body := range []string{`{"kind":"poem"}`, `{}`, `{"kind":"conflicts","limit":9999}`, `{"kind":"conflicts","colour":"red"}`, `{"kind":"conflicts","title":"` + strings.Repeat("å", 201) + `"}`} {
		s.ask(plan.Planner, "POST", reports, body).problem(400, plan.Invalid)
	}
	s.ask(plan.Viewer, "POST", reports, `{"kind":"conflicts"}`).problem(403, plan.Forbidden)
	if list := s.ask(plan.Viewer, "GET", reports, "").want(200).json()["reports"].([]any); len(list) != 0 {
		t.Errorf("%d reports are kept", len(list))
	}
}

// TestReportAccess: drafts get into no report that everyone may read, and what is hidden later hides the report.
func TestReportAccess(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Anonymous, "GET", "/api/v1/rulesets", "").want(200)
	s.region()
	s.farms()
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/parker", `{"status":"draft"}`).want(200)
	open, closed := s.order(`{"kind":"conflicts","public":true}`), s.order(`{"kind":"conflicts"}`)
	if body := s.read(plan.Anonymous, open, ""); bytes.Contains(body, []byte("parker")) {
		t.Errorf("a draft shows in a public report: %s", body)
	}
	if body := s.read(plan.Viewer, closed, ""); !bytes.Contains(body, []byte("parker")) {
		t.Error("the report for the house lacks the draft")
	}
	s.ask(plan.Anonymous, "GET", reports+"/"+closed["id"].(string), "").problem(404, plan.NotFound)
	count := func(role plan.Role) int {
		return len(s.ask(role, "GET", reports, "").want(200).json()["reports"].([]any))
	}
	if count(plan.Anonymous) != 1 || count(plan.Viewer) != 2 {
		t.Errorf("everyone sees %d reports, the house %d", count(plan.Anonymous), count(plan.Viewer))
	}
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/skog", `{"status":"draft"}`).want(200)
	s.ask(plan.Anonymous, "GET", reports+"/"+open["id"].(string)+"?f=pdf", "").problem(404, plan.NotFound)
	if count(plan.Anonymous) != 0 {
		t.Error("a report with a hidden layer is listed")
	}
	s.ask(plan.Planner, "POST", versions, "").want(201)
	s.ask(plan.Planner, "POST", reports, `{"kind":"conflicts","public":true,"version":2}`).problem(400, plan.Invalid)

	path := reports + "/" + closed["id"].(string)
	s.ask(plan.Officer, "DELETE", path, "").problem(403, plan.Forbidden) // another one's
	s.ask(plan.Admin, "DELETE", path, "").want(204)
	s.ask(plan.Viewer, "GET", path, "").problem(404, plan.NotFound)
	s.ask(plan.Planner, "DELETE", reports+"/"+open["id"].(string), "").want(204) // its own
}

// TestReportOfALostNode is made by another node, and a report that waits can be cancelled.
func TestReportOfALostNode(t *testing.T) {
	s := newSite(t)
	s.region()
	s.farms()
	s.stop() // the node ends, and whatever it was at stays where it was
	lost := s.ask(plan.Planner, "POST", reports, `{"kind":"conflicts"}`).want(202).json()["id"].(string)
	unwanted := s.ask(plan.Planner, "POST", reports, `{"kind":"conflicts"}`).want(202).json()["id"].(string)
	if got := s.ask(plan.Planner, "DELETE", reports+"/"+unwanted, "").want(200).json()["state"]; got != "cancelled" {
		t.Errorf("cancelled is %v", got)
	}
	conn := pgtest.Connect(t, s.schema)
	if _, err := conn.Exec(t.Context(), `UPDATE report SET state = 'running', heard = now() - interval '1 hour', body = body || '{"state":"running","attempts":1}' WHERE id = $1`, lost); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "DELETE FROM river_job WHERE queue = 'report'"); err != nil {
		t.Fatal(err)
	}
	other := newNode(t, s.schema, jobs.Options{})
	other.tokens = s.tokens
	for range 4 {
		if got := other.ask(plan.Viewer, "GET", reports+"/"+lost+"?wait=30", "").want(200).json(); got["state"] == "done" {
			if got["attempts"] != 2.0 {
				t.Errorf("it was begun %v times", got["attempts"])
			}
			return
		}
	}
	t.Error("nobody made the report of the lost node")
}

// TestStackReport freezes green, yellow and red, and what has turned: the same figures in every form.
func TestStackReport(t *testing.T) {
	s := newSite(t)
	s.region()
	s.farms()
	made := s.order(`{"kind":"stack","title":"Vind i Ängby","stack":{"land_use":"wind","attributes":{"total_height":250}}}`)
	content := s.ask(plan.Viewer, "GET", reports+"/"+made["id"].(string), "").want(200).json()["content"].(map[string]any)
	stack := content["stack"].(map[string]any)
	total, sum := stack["total"].(map[string]any), 0.0
	for _, colour := range []string{"green", "yellow", "red"} {
		sum += total[colour].(map[string]any)["area_ha"].(float64)
	}
	if whole := total["area_ha"].(float64); whole < 600 || sum < whole-0.0002 || sum > whole+0.0002 || len(stack["shapes"].([]any)) < 3 || len(stack["interests"].([]any)) == 0 {
		t.Errorf("frozen are %v ha of %v: %v", sum, whole, stack)
	}
	s.printed(made, "Vind i Ängby", "grönt", "Vilka intressen", "Kunskapsunderlag, inte bindande", "total_height = 250", "Hur rött är det gula", made["sha256"].(string))
	if got := string(s.read(plan.Viewer, made, "f=csv&table=kommuner")); !strings.HasPrefix(got, "id,namn,area_ha,gront_ha") || strings.Count(got, "\n") != 3 {
		t.Errorf("CSV is %s", got)
	}
	gpkg := filepath.Join(t.TempDir(), "r.gpkg")
	if err := os.WriteFile(gpkg, s.read(plan.Viewer, made, "f=gpkg"), 0o600); err != nil {
		t.Fatal(err)
	}
	told, err := exec.Command("ogrinfo", "-al", "-q", gpkg).CombinedOutput()
	for _, says := range []string{"stapel", "kombinationer", "MULTIPOLYGON", "farg (String) = gult"} {
		if !strings.Contains(string(told), says) {
			t.Errorf("ogrinfo (%v) does not tell %s: %.1500s", err, says, told)
		}
	}
	before := s.atlas.View().Revision()
	s.park("skog", square("77", 399300, 6449300, `{}`))
	turn := s.order(fmt.Sprintf(`{"kind":"stack_comparison","from":{"revision":%d},"stack":{"land_use":"wind"},"kommun":"1401"}`, before))
	content = s.ask(plan.Viewer, "GET", reports+"/"+turn["id"].(string), "").want(200).json()["content"].(map[string]any)
	if got := content["stack_comparison"].(map[string]any)["total"].(map[string]any)["difference"].(map[string]any); got["yellow_ha"].(float64) != 1 || got["green_ha"].(float64) != -1 {
		t.Errorf("what has turned is %v", got)
	}
	s.printed(turn, "Vad som bytt färg", "från grönt till gult", "Västerås by", "Källor i det första läget")
	if got := string(s.read(plan.Viewer, turn, "f=csv")); !strings.Contains(got, "gront_till_gult_ha") {
		t.Errorf("CSV is %s", got)
	}
	for body, locator := range map[string]string{
		`{"kind":"stack"}`: "/stack",
		`{"kind":"stack","stack":{"land_use":"slott"}}`:                                  "/stack/land_use",
		`{"kind":"stack","stack":{"land_use":"wind","attributes":{"a":[1]}}}`:            "/stack/attributes/a",
		`{"kind":"stack","stack":{"land_use":"wind"},"kommun":"9999"}`:                   "/kommun",
		`{"kind":"stack","stack":{"land_use":"wind"},"theme":"forest"}`:                  "/kind",
		`{"kind":"stack_comparison","stack":{"land_use":"wind"}}`:                        "/from",
		`{"kind":"stack_comparison","from":{"revision":99},"stack":{"land_use":"wind"}}`: "/from/revision",
		`{"kind":"conflicts","stack":{"land_use":"wind"}}`:                               "/stack",
	} {
		p := s.ask(plan.Planner, "POST", reports, body)
		if p.status != 400 && p.status != 404 || p.json()["locator"] != locator {
			t.Errorf("%s: %d %s", body, p.status, p.body)
		}
	}
}
