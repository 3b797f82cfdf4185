package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

const (
	provItems  = "/ogc/collections/prov/items"
	mergePatch = "application/merge-patch+json"
)

// editSite has the layer prov with three squares, and two officers beside the one of the tests.
func editSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.ask(plan.Admin, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.upload("mode=append", collection(square("1", 350000, 6450000, `{"namn":"Ånge","antal":1}`), square("2", 351000, 6450000, `{"namn":"Bö","antal":2,"dag":"2020-02-29"}`),
		square("3", 352000, 6450000, `{"namn":null}`))).want(http.StatusCreated)
	for _, name := range []string{"anna", "bo"} {
		token, err := s.store.CreateToken(t.Context(), name, plan.Officer)
		if err != nil {
			t.Fatal(err)
		}
		s.tokens[plan.Role(name)] = token
	}
	return s
}

// nameless is a square without an id, as clients send new features.
func nameless(x, y int, properties string) string {
	return strings.Replace(square("", x, y, properties), `"id":"",`, "", 1)
}

// patch sends a merge patch of properties to an item.
func (s *site) patch(who plan.Role, id, properties string, headers ...string) *answer {
	s.Helper()
	return s.ask(who, "PATCH", provItems+"/"+id, `{"properties":`+properties+`}`, append([]string{"Content-Type", mergePatch}, headers...)...)
}

func (s *site) properties(id string) map[string]any {
	s.Helper()
	return s.ask(plan.Viewer, "GET", provItems+"/"+id, "").want(http.StatusOK).json()["properties"].(map[string]any)
}

// TestItemLife is the life of a feature by OGC API Features Part 4.
func TestItemLife(t *testing.T) {
	s := editSite(t)
	made := s.ask(plan.Officer, "POST", provItems, square("egen", 353000, 6450000, `{"namn":"Ny","antal":9007199254740993}`),
		"Content-Type", geoJSON, "Content-Crs", "EPSG:3006").want(http.StatusCreated)
	place := made.header.Get("Location")
	if !strings.HasPrefix(place, s.url+provItems+"/") || strings.HasSuffix(place, "egen") || made.header.Get("ETag") == "" || len(made.body) > 0 {
		t.Errorf("the new feature is at %s, version %s: %s", place, made.header.Get("ETag"), made.body)
	}
	path := strings.TrimPrefix(place, s.url)
	read := s.ask(plan.Anonymous, "GET", path+"?crs=http://www.opengis.net/def/crs/EPSG/0/3006", "").want(http.StatusOK)
	if body := string(read.body); !strings.Contains(body, `[6450000,353000]`) || !strings.Contains(body, `"antal":9007199254740993`) {
		t.Errorf("it reads %s", body)
	}
	// northing first, as the address of the system says
	moved := `{"geometry":{"type":"Polygon","coordinates":[[[6450000,354000],[6450000,354100],[6450100,354100],[6450000,354000]]]}}`
	s.ask(plan.Officer, "PATCH", path, moved, "Content-Type", mergePatch, "Content-Crs", "<http://www.opengis.net/def/crs/EPSG/0/3006>").want(http.StatusNoContent)
	whole := s.ask(plan.Officer, "PUT", path, nameless(355000, 6450000, `{"namn":"Ersatt"}`), "Content-Type", geoJSON, "Content-Crs", "EPSG:3006",
		"Prefer", "return=representation").want(http.StatusOK)
	if whole.header.Get("Preference-Applied") != "return=representation" || !strings.Contains(string(whole.body), `"antal":null`) {
		t.Errorf("PUT answers %v %s", whole.header, whole.body)
	}
	s.ask(plan.Officer, "DELETE", path, "").want(http.StatusNoContent)
	s.ask(plan.Anonymous, "GET", path, "").problem(http.StatusNotFound, plan.NotFound)
	versions := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/"+path[strings.LastIndex(path, "/")+1:]+"/versions", "").want(http.StatusOK).json()["versions"].([]any)
	if len(versions) != 3 {
		t.Fatalf("its history has %d versions", len(versions))
	}
	if last := versions[0].(map[string]any); last["author"] != "officer" || last["until"] == nil || last["kind"] != "edit" {
		t.Errorf("the last version is %v", last)
	}
}

// TestItemsRefuseBadEdits: a clear answer, and nothing written.
func TestItemsRefuseBadEdits(t *testing.T) {
	s := editSite(t)
	before := s.ask(plan.Viewer, "GET", "/api/v1/revisions", "").json()["revisions"].([]any)
	good := nameless(353000, 6450000, `{}`)
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		code               plan.Code
		says               string
	}{
		"no media type":        {"POST", provItems, good, []string{"Content-Type", ""}, 400, plan.Invalid, "Content-Type"},
		"other media type":     {"POST", provItems, good, []string{"Content-Type", "text/xml"}, 415, plan.Unsupported, "text/xml"},
		"PUT no media type":    {"PUT", provItems + "/1", good, []string{"Content-Type", ""}, 400, plan.Invalid, "Content-Type"},
		"PATCH no media type":  {"PATCH", provItems + "/1", `{}`, []string{"Content-Type", ""}, 400, plan.Invalid, "Content-Type"},
		"unknown system":       {"POST", provItems, good, []string{"Content-Crs", "http://www.opengis.net/def/crs/EPSG/0/99"}, 400, plan.Invalid, "3006"},
		"swapped axes":         {"POST", provItems, good, []string{"Content-Crs", "http://www.opengis.net/def/crs/EPSG/0/3006"}, 400, plan.Invalid, "EPSG:3006"},
		"degrees as metres":    {"POST", provItems, good, nil, 400, plan.Invalid, "EPSG:3006"},
		"unknown attribute":    {"POST", provItems, nameless(353000, 6450000, `{"smak":"söt"}`), []string{"Content-Crs", "EPSG:3006"}, 400, plan.Invalid, "smak"},
		"no geometry":          {"POST", provItems, `{"type":"Feature","properties":{},"geometry":null}`, nil, 400, plan.Invalid, "geometry"},
		"collection":           {"POST", provItems, collection(good), []string{"Content-Crs", "EPSG:3006"}, 400, plan.Invalid, "FeatureCollection"},
		"not JSON":             {"POST", provItems, "{", nil, 400, plan.Invalid, "cut off"},
		"other id":             {"PUT", provItems + "/1", square("2", 353000, 6450000, `{}`), []string{"Content-Crs", "EPSG:3006"}, 400, plan.Invalid, "keeps its id"},
		"PUT to nobody":        {"PUT", provItems + "/nobody", good, []string{"Content-Crs", "EPSG:3006"}, 404, plan.NotFound, "nobody"},
		"PUT to nobody's ETag": {"PUT", provItems + "/nobody", good, []string{"Content-Crs", "EPSG:3006", "If-Match", `"xyz"`}, 404, plan.NotFound, "nobody"},
		"DELETE of nobody":     {"DELETE", provItems + "/nobody", "", nil, 404, plan.NotFound, "nobody"},
		"other version":        {"PATCH", provItems + "/1", `{"properties":{"antal":7}}`, []string{"If-Match", `"0"`}, 412, plan.Stale, "current"},
		"DELETE other version": {"DELETE", provItems + "/1", "", []string{"If-Match", `"0"`}, 412, plan.Stale, "current"},
		"changed since":        {"DELETE", provItems + "/1", "", []string{"If-Unmodified-Since", "Sat, 29 Oct 1994 19:43:31 GMT"}, 412, plan.Stale, "1994"},
		"wrong base":           {"PATCH", provItems + "/1", `{"properties":{"antal":7}}`, []string{"Strukturbild-Base", "x"}, 400, plan.Invalid, "Strukturbild-Base"},
		"wrong type":           {"PATCH", provItems + "/1", `{"properties":{"antal":"många"}}`, nil, 400, plan.Invalid, "antal"},
		"no method":            {"POST", provItems + "/1", good, nil, 405, plan.NotAllowed, ""},
	} {
		answer := s.ask(plan.Officer, c.method, c.path, c.body, append([]string{"Content-Type", map[bool]string{true: mergePatch, false: geoJSON}[c.method == "PATCH"],
			"Prefer", "handling=strict"}, c.headers...)...)
		t.Run(name, func(t *testing.T) {
			answer.T = t
			if p := answer.problem(c.status, c.code); !strings.Contains(fmt.Sprint(p), c.says) {
				t.Errorf("it does not tell of %s: %s", c.says, answer.body)
			}
			if c.status == 405 && !strings.Contains(answer.header.Get("Allow"), "PATCH") {
				t.Errorf("Allow: %s", answer.header.Get("Allow"))
			}
		})
	}
	s.ask(plan.Viewer, "POST", provItems, good, "Content-Type", geoJSON).problem(http.StatusForbidden, plan.Forbidden)
	s.ask(plan.Anonymous, "DELETE", provItems+"/1", "").problem(http.StatusUnauthorized, plan.Forbidden)
	if after := s.ask(plan.Viewer, "GET", "/api/v1/revisions", "").json()["revisions"].([]any); len(after) != len(before) {
		t.Errorf("something was written: %v", after[0])
	}
}

// TestPreferences: strict and lenient handling, and what is answered.
func TestPreferences(t *testing.T) {
	s := editSite(t)
	strict := s.patch(plan.Officer, "1", `{"antal":5,"smak":"söt"}`, "Prefer", "handling=strict")
	strict.problem(http.StatusBadRequest, plan.Invalid)
	if got := strict.header.Get("Preference-Applied"); got != "handling=strict" {
		t.Errorf("Preference-Applied: %s", got)
	}
	lenient := s.patch(plan.Officer, "1", `{"antal":5,"smak":"söt"}`, "Prefer", `return=minimal, handling="lenient"; x=1`).want(http.StatusNoContent)
	if got := lenient.header.Values("Preference-Applied"); !slices.Equal(got, []string{"handling=lenient", "return=minimal"}) || s.properties("1")["antal"] != 5.0 {
		t.Errorf("Preference-Applied: %v, %v", got, s.properties("1"))
	}
	rest := s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov/features/1", `{"properties":{"antal":6}}`, "Content-Type", mergePatch, "Prefer", "return=minimal").want(http.StatusNoContent)
	if len(rest.body) > 0 || rest.header.Get("ETag") == "" {
		t.Errorf("REST answers %v %s", rest.header, rest.body)
	}
}

// TestOptions: what QGIS asks to learn whether it may edit.
func TestOptions(t *testing.T) {
	s := editSite(t)
	for _, c := range []struct {
		who         plan.Role
		path, allow string
	}{
		{plan.Anonymous, provItems, "GET, HEAD, OPTIONS"},
		{plan.Viewer, provItems + "/", "GET, HEAD, OPTIONS"},
		{plan.Officer, provItems, "GET, HEAD, OPTIONS, POST"},
		{plan.Anonymous, provItems + "/1", "GET, HEAD, OPTIONS"},
		{plan.Officer, provItems + "/unknown_id", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
		{plan.Officer, "/api/v1/layers/prov/features/1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
		{plan.Anonymous, "/ogc", "GET, HEAD, OPTIONS"},
		{plan.Officer, "/ogc/collections/conflict/items", "GET, HEAD, OPTIONS"},
		{plan.Officer, "/api/v1/layers/conflict/features/1", "GET, HEAD, OPTIONS"},
	} {
		got := s.ask(c.who, "OPTIONS", c.path, "").want(http.StatusOK)
		if allow := got.header.Get("Allow"); allow != c.allow {
			t.Errorf("%s to %q: Allow: %s, want %s", c.path, c.who, allow, c.allow)
		}
		if posts := got.header.Get("Accept-Post") != ""; posts != (c.who == plan.Officer && c.path == provItems) {
			t.Errorf("%s to %q: Accept-Post: %s", c.path, c.who, got.header.Get("Accept-Post"))
		}
	}
}

// TestTwoEditorsKeepTheirChanges: both read the same, and change different things.
func TestTwoEditorsKeepTheirChanges(t *testing.T) {
	for name, write := range map[string]func(s *site, who plan.Role, properties string) *answer{
		"patch": func(s *site, who plan.Role, properties string) *answer { return s.patch(who, "1", properties) },
		"put, as the whole feature is sent back": func(s *site, who plan.Role, properties string) *answer {
			return s.ask(who, "PUT", provItems+"/1", square("1", 350000, 6450000, properties), "Content-Type", geoJSON, "Content-Crs", "EPSG:3006")
		},
		"put over REST": func(s *site, who plan.Role, properties string) *answer {
			return s.ask(who, "PUT", "/api/v1/layers/prov/features/1?crs=EPSG:3006", square("1", 350000, 6450000, properties), "Prefer", "return=minimal")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := editSite(t)
			for _, who := range []plan.Role{"anna", "bo"} {
				s.ask(who, "GET", provItems, "").want(http.StatusOK)
			}
			first := `{"namn":"Annas namn","antal":1,"dag":null}`
			second := `{"namn":"Ånge","antal":42,"dag":null}`
			if name == "patch" {
				first, second = `{"namn":"Annas namn"}`, `{"antal":42}`
			}
			write(s, "anna", first).want(http.StatusNoContent)
			answer := write(s, "bo", second).want(http.StatusNoContent)
			if got := s.properties("1"); got["namn"] != "Annas namn" || got["antal"] != 42.0 {
				t.Errorf("after both: %v", got)
			}
			if collided := answer.header.Get("Strukturbild-Collision"); collided != "" {
				t.Errorf("they collided: %s", collided)
			}
			if got := s.ask(plan.Anonymous, "GET", provItems+"/1?crs=EPSG:3006", ""); !strings.Contains(string(got.body), `[[[[350000,6450000],[350100,6450000],`) {
				t.Errorf("the geometry is %s", got.body)
			}
		})
	}
}

// TestCollisionsAreKeptAndTold: both change the same; the last writer's holds, and nothing is lost.
func TestCollisionsAreKeptAndTold(t *testing.T) {
	s := editSite(t)
	s.ask("anna", "GET", provItems+"?limit=1", "").want(http.StatusOK)
	s.ask("bo", "GET", provItems+"?bbox-crs=EPSG:3006&bbox=349000,6449000,350500,6451000", "").want(http.StatusOK)
	move := func(who plan.Role, x int) *answer {
		return s.ask(who, "PATCH", provItems+"/1", square("1", x, 6450000, `{"namn":"Flyttad","antal":1}`), "Content-Type", mergePatch, "Content-Crs", "EPSG:3006")
	}
	annas := move("anna", 350010).want(http.StatusNoContent).header.Get("Strukturbild-Revision")
	bos := move("bo", 350020).want(http.StatusNoContent)
	if got := bos.header.Get("Strukturbild-Collision"); got != "revision="+annas+"; fields=geometry" {
		t.Errorf("bo hears %q", got)
	}
	// a collision of one's own making is none
	if got := s.patch("bo", "1", `{"namn":"Bos"}`).want(http.StatusNoContent).header.Get("Strukturbild-Collision"); !strings.HasSuffix(got, "fields=namn") {
		t.Errorf("bo hears %q of the name that anna gave", got)
	}
	if got := s.patch("bo", "1", `{"namn":"Bos igen"}`).want(http.StatusNoContent).header.Get("Strukturbild-Collision"); got != "" {
		t.Errorf("bo hears %q of his own change", got)
	}
	number := bos.header.Get("Strukturbild-Revision")
	for path, list := range map[string]string{"/api/v1/layers/prov/revisions": "revisions", "/api/v1/changes": "changes", "/api/v1/layers/prov/features/1/versions": "versions"} {
		found := false
		for _, entry := range s.ask(plan.Anonymous, "GET", path, "").want(http.StatusOK).json()[list].([]any) {
			e := entry.(map[string]any)
			if fmt.Sprint(e["revision"]) != number {
				continue
			}
			if layers, grouped := e["layers"].([]any); grouped {
				e = layers[0].(map[string]any)
			}
			collision, _ := e["collisions"].([]any)
			found = len(collision) == 1 && fmt.Sprint(collision[0].(map[string]any)["overwrote"]) == annas
		}
		if !found {
			t.Errorf("%s does not tell of the collision", path)
		}
	}
	if feed := s.ask(plan.Anonymous, "GET", "/api/v1/changes?f=atom", ""); !strings.Contains(string(feed.body), "krock") {
		t.Errorf("the Atom feed does not tell of the collision: %.1500s", feed.body)
	}
	versions := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/1/versions?limit=2", "").json()
	if next := versions["links"].([]any); len(next) != 1 {
		t.Errorf("links %v", next)
	}
	all := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/features/1/versions", "")
	if !strings.Contains(string(all.body), `"author":"anna"`) || !strings.Contains(string(all.body), `"author":"bo"`) {
		t.Errorf("both versions are kept: %s", all.body)
	}
}

// TestBasisIsWhatWasRead: by the header, by the last reading, and not by what others read or by the past.
func TestBasisIsWhatWasRead(t *testing.T) {
	s := editSite(t)
	collided := func(a *answer) bool { return a.want(http.StatusNoContent).header.Get("Strukturbild-Collision") != "" }
	if collided(s.patch("anna", "1", `{"antal":10}`)) || collided(s.patch("bo", "1", `{"antal":11}`)) {
		t.Error("nobody has read anything, so nothing is known to collide")
	}
	revision := s.ask("anna", "GET", provItems, "").header.Get("Strukturbild-Revision")
	s.patch("bo", "1", `{"antal":12}`)
	s.ask("anna", "GET", provItems+"/2", "") // another feature
	s.ask("anna", "GET", provItems+"/1?revision="+revision, "")
	if !collided(s.patch("anna", "1", `{"antal":13}`)) {
		t.Error("anna had not read what bo wrote")
	}
	s.ask("bo", "GET", provItems+"/1", "")
	if collided(s.patch("bo", "1", `{"antal":14}`)) {
		t.Error("bo had read what anna wrote")
	}
	if !collided(s.patch("anna", "1", `{"antal":15}`, "Strukturbild-Base", revision)) {
		t.Error("anna said that she had read less")
	}
	if collided(s.patch("bo", "1", `{"antal":15}`, "Strukturbild-Base", revision)) {
		t.Error("both wrote the same")
	}
	removed := s.ask("bo", "DELETE", provItems+"/1", "", "Strukturbild-Base", revision).want(http.StatusNoContent)
	if got := removed.header.Get("Strukturbild-Collision"); !strings.HasSuffix(got, "fields=antal") {
		t.Errorf("the removal took anna's change along, and says %q", got)
	}
	tag := s.ask("bo", "GET", provItems+"/2", "").header.Get("ETag")
	s.patch("bo", "2", `{"antal":3}`, "If-Match", tag).want(http.StatusNoContent)
	s.patch("bo", "2", `{"antal":4}`, "If-Match", tag).problem(http.StatusPreconditionFailed, plan.Stale)
	s.patch("bo", "2", `{"antal":4}`, "If-Unmodified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)).want(http.StatusNoContent)
}
