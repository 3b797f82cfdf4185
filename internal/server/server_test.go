package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/dcat"
	"strukturbild/internal/export"
	"strukturbild/internal/harvest"
	"strukturbild/internal/ingest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
	"strukturbild/internal/server"
	"strukturbild/internal/source"
	"strukturbild/internal/store"
	"strukturbild/internal/webhook"
)

// TestMain also lets the test binary be the server's file reader and writer.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "read-file" {
		if ingest.RunChild(os.Stdin, os.Stderr) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 2 && os.Args[1] == "write-file" {
		if export.RunChild(os.Stdin, os.Stderr) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(pgtest.Run(m))
}

// site is a server on real PostGIS with a token for each role.
type site struct {
	*testing.T
	url    string
	tokens map[plan.Role]string
	server *server.Server
	atlas  *atlas.Atlas
	store  *store.Store
	schema string
	stop   func() // ends the work of the node, as a stop of the service does
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOf(t, &source.Catalogue{})
}

// newSiteOf is a site that knows the sources.
func newSiteOf(t *testing.T, catalogue *source.Catalogue) *site {
	t.Helper()
	s := newNodeOf(t, pgtest.Schema(t), jobs.Options{}, catalogue)
	for _, role := range plan.Roles {
		token, err := s.store.CreateToken(t.Context(), string(role), role)
		if err != nil {
			t.Fatal(err)
		}
		s.tokens[role] = token
	}
	return s
}

// newNode is a server without tokens; several on one schema are the nodes of one service.
func newNode(t *testing.T, schema string, options jobs.Options) *site {
	t.Helper()
	return newNodeOf(t, schema, options, &source.Catalogue{})
}

func newNodeOf(t *testing.T, schema string, options jobs.Options, catalogue *source.Catalogue, change ...func(*server.Options)) *site {
	t.Helper()
	st := pgtest.Open(t, schema)
	at := atlas.New(st)
	if err := at.Fill(t.Context(), 2, nil); err != nil {
		t.Fatal(err)
	}
	go at.Run(t.Context(), nil, time.Second) // a node that doesn't ask takes the database for away after a while
	rules, err := conflict.Default()
	if err != nil {
		t.Fatal(err)
	}
	hooks := webhook.New(webhook.Options{Private: true, Patience: 5 * 24 * time.Hour,
		Wait: func(int) time.Duration { return 50 * time.Millisecond }}, st)
	its := server.Options{Webhooks: hooks, MaxBody: 1 << 20, MaxUpload: 4 << 20, UploadTime: time.Minute, Version: "test",
		Publisher: dcat.Publisher{Name: "Regionen", Email: "plan@example.se", Type: "RegionalAuthority"},
		Exports:   export.Maker{Command: []string{"/proc/self/exe", "write-file"}}, ExportTime: time.Minute}
	for _, differ := range change {
		differ(&its)
	}
	var srv *server.Server
	_, _, stop := working(t, st, at, options, catalogue, func(jb *jobs.Jobs, hv *harvest.Harvest) []store.Chore {
		its.Harvest = hv
		if srv, err = server.New(its, slog.New(slog.DiscardHandler), st, at, jb, rules); err != nil {
			t.Fatal(err)
		}
		return slices.Concat(hooks.Chores(), srv.Reports().Chores())
	})
	web := httptest.NewServer(srv.Handler())
	t.Cleanup(web.Close)
	return &site{T: t, url: web.URL, tokens: map[plan.Role]string{}, server: srv, atlas: at, store: st, schema: schema, stop: stop}
}

// working gives the jobs and pulls of a node that does them until stop, or the end of the test.
func working(t *testing.T, st *store.Store, at *atlas.Atlas, options jobs.Options, catalogue *source.Catalogue, more func(*jobs.Jobs, *harvest.Harvest) []store.Chore) (*jobs.Jobs, *harvest.Harvest, func()) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	options.MaxBytes, options.Log = 64<<20, log
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	if options.Files.Command == nil {
		options.Files = ingest.Reader{Command: []string{"/proc/self/exe", "read-file"}}
	}
	jb, err := jobs.Open(options, st, at)
	if err != nil {
		t.Fatal(err)
	}
	hv := harvest.New(harvest.Options{Catalogue: catalogue, Files: options.Files, Agent: "strukturbild-test", Pause: time.Millisecond, Log: log}, st, at, jb)
	ctx, cancel := context.WithCancel(context.Background())
	ended, err := st.Work(ctx, log, time.Millisecond, slices.Concat(jb.Chores(), hv.Chores(), more(jb, hv))...)
	if err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		cancel()
		<-ended
		_ = jb.Close()
	})
	t.Cleanup(stop)
	return jb, hv, stop
}

// answer is what came back.
type answer struct {
	*testing.T
	status int
	header http.Header
	body   []byte
}

// ask sends a request; headers are name, value pairs.
func (s *site) ask(role plan.Role, method, path, body string, headers ...string) *answer {
	s.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Accept-Encoding", "identity") // a coded answer has an ETag of its own
	if role != plan.Anonymous {
		request.Header.Set("Authorization", "Bearer "+s.tokens[role])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		s.Fatal(err)
	}
	return &answer{s.T, got.StatusCode, got.Header, text}
}

// want fails unless the status is this one.
func (a *answer) want(status int) *answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("answered %d, want %d: %.2000s", a.status, status, a.body)
	}
	return a
}

// json decodes the body.
func (a *answer) json() map[string]any {
	a.Helper()
	decoded := map[string]any{}
	if err := json.Unmarshal(a.body, &decoded); err != nil {
		a.Fatalf("%v: %.500s", err, a.body)
	}
	return decoded
}

// problem wants an RFC 9457 answer with the code, and gives it.
func (a *answer) problem(status int, code plan.Code) map[string]any {
	a.Helper()
	p := a.want(status).json()
	if p["code"] != string(code) || a.header.Get("Content-Type") != "application/problem+json" || p["detail"] == "" || p["request_id"] == "" {
		a.Fatalf("the problem is %s (%s)", a.body, a.header.Get("Content-Type"))
	}
	return p
}

const provLayer = `{"id":"prov","theme":"agriculture","title":{"sv":"Prov"},"geometry_type":"polygon","status":"published",
	"attributes":[{"name":"namn","type":"text"},{"name":"antal","type":"integer"},{"name":"dag","type":"date"}]}`

// square is a feature with a square of 100 m in EPSG:3006.
func square(id string, x, y int, properties string) string {
	return `{"type":"Feature","id":"` + id + `","properties":` + properties + `,"geometry":{"type":"Polygon","coordinates":` +
		strings.NewReplacer("X", itoa(x+100), "Y", itoa(y+100), "x", itoa(x), "y", itoa(y)).Replace(`[[[x,y],[X,y],[X,Y],[x,Y],[x,y]]]`) + `}}`
}

func itoa(i int) string { return string(json.RawMessage(mustJSON(i))) }

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

const geoJSON = "application/geo+json"

func (s *site) upload(query, file string, headers ...string) *answer {
	s.Helper()
	return s.ask(plan.Officer, "POST", "/api/v1/layers/prov/uploads?crs=EPSG:3006&"+query, file, append([]string{"Content-Type", geoJSON}, headers...)...)
}

func TestLayerLife(t *testing.T) {
	s := newSite(t)
	made := s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	if made.header.Get("Location") != s.url+"/api/v1/layers/prov" || made.header.Get("Strukturbild-Revision") != "1" {
		t.Errorf("headers %v", made.header)
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).problem(http.StatusConflict, plan.Exists)
	changed := s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov", `{"title":{"sv":"Åkrar"},"status":"draft","sliver_width_m":2}`, "If-Match", made.header.Get("ETag")).want(http.StatusOK)
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov", `{"source":"x"}`, "If-Match", made.header.Get("ETag")).problem(http.StatusPreconditionFailed, plan.Stale)
	s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov", "").problem(http.StatusNotFound, plan.NotFound)
	got := s.ask(plan.Viewer, "GET", "/api/v1/layers/prov", "").want(http.StatusOK)
	if title := got.json()["title"].(map[string]any)["sv"]; title != "Åkrar" {
		t.Errorf("title %v", title)
	}
	if width := got.json()["sliver_width_m"]; width != 2.0 {
		t.Errorf("slivers are %v m wide", width)
	}
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov", `{"sliver_width_m":101}`).problem(http.StatusBadRequest, plan.Invalid)
	s.ask(plan.Viewer, "GET", "/api/v1/layers/prov", "", "If-None-Match", changed.header.Get("ETag")).want(http.StatusNotModified)
	s.ask(plan.Officer, "DELETE", "/api/v1/layers/prov", "").want(http.StatusNoContent)
	s.ask(plan.Viewer, "GET", "/api/v1/layers/prov", "").problem(http.StatusNotFound, plan.NotFound)
}

func TestLayerDefinitionFaults(t *testing.T) {
	s := newSite(t)
	for name, body := range map[string]string{
		"id with a capital":  strings.Replace(provLayer, `"prov"`, `"Prov"`, 1),
		"unknown theme":      strings.Replace(provLayer, `"agriculture"`, `"fishing"`, 1),
		"reserved attribute": strings.Replace(provLayer, `"namn"`, `"geometry"`, 1),
		"attribute twice":    strings.Replace(provLayer, `"antal"`, `"namn"`, 1),
		"unknown member":     strings.Replace(provLayer, `"theme"`, `"colour":"red","theme"`, 1),
		"not JSON":           `{"id":`,
		"no Swedish title":   strings.Replace(provLayer, `{"sv":"Prov"}`, `{"en":"Test"}`, 1),
		"unknown type":       strings.Replace(provLayer, `"integer"`, `"float"`, 1),
		"unknown geom type":  strings.Replace(provLayer, `"polygon"`, `"circle"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			s.T = t
			s.ask(plan.Officer, "POST", "/api/v1/layers", body).problem(http.StatusBadRequest, plan.Invalid)
		})
	}
}

func TestFeatureLife(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	body := strings.Replace(square("", 350000, 6450000, `{"namn":"Ås","antal":9007199254740993,"dag":"2026-11-22"}`), `"id":"",`, "", 1)
	made := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/features?crs=EPSG:3006", body, "Content-Type", geoJSON).want(http.StatusCreated)
	path := "/api/v1/layers/prov/features/1"
	if made.header.Get("Location") != s.url+path {
		t.Errorf("location %s", made.header.Get("Location"))
	}
	if !bytes.Contains(made.body, []byte("9007199254740993")) {
		t.Errorf("the integer is not exact: %s", made.body)
	}
	patch := `{"type":"Feature","properties":{"antal":null}}`
	patched := s.ask(plan.Officer, "PATCH", path, patch, "Content-Type", "application/merge-patch+json", "If-Match", made.header.Get("ETag")).want(http.StatusOK)
	if p := patched.json()["properties"].(map[string]any); p["namn"] != "Ås" || p["antal"] != nil {
		t.Errorf("after the patch: %v", p)
	}
	s.ask(plan.Officer, "PATCH", path, patch, "Content-Type", "application/merge-patch+json", "If-Match", made.header.Get("ETag")).problem(http.StatusPreconditionFailed, plan.Stale)
	s.ask(plan.Officer, "PUT", path+"?crs=EPSG:3006", square("1", 351000, 6450000, `{"namn":"Ö"}`), "Content-Type", geoJSON).want(http.StatusOK)
	s.ask(plan.Officer, "PUT", path+"?crs=EPSG:3006", square("2", 351000, 6450000, `{}`), "Content-Type", geoJSON).problem(http.StatusBadRequest, plan.Invalid)
	was := s.ask(plan.Anonymous, "GET", path+"?revision=2", "").want(http.StatusOK).json()
	if p := was["properties"].(map[string]any); p["namn"] != "Ås" {
		t.Errorf("at revision 2: %v", p)
	}
	s.ask(plan.Officer, "DELETE", path, "").want(http.StatusNoContent)
	s.ask(plan.Officer, "DELETE", path, "").problem(http.StatusNotFound, plan.NotFound)
	again := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/features?crs=EPSG:3006", body, "Content-Type", geoJSON).want(http.StatusCreated)
	if again.header.Get("Location") != s.url+"/api/v1/layers/prov/features/2" {
		t.Errorf("an id was used twice: %s", again.header.Get("Location"))
	}
}

func TestUploadModes(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	file := collection(square("a", 350000, 6450000, `{"namn":"A"}`), square("b", 350500, 6450000, `{"namn":"B"}`))
	count := func(a *answer, want map[string]float64) {
		t.Helper()
		job := a.json()
		for member, n := range want {
			if job[member] != n {
				t.Errorf("%s is %v, want %v: %s", member, job[member], n, a.body)
			}
		}
	}
	count(s.upload("dry_run=true", file).want(http.StatusOK), map[string]float64{"added": 2})
	if n := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov", "").json()["features"]; n != 0.0 {
		t.Fatalf("the dry run wrote %v features", n)
	}
	first := s.upload("mode=append&note=först", file).want(http.StatusCreated)
	count(first, map[string]float64{"added": 2, "revision": 2, "read": 2})
	job := s.ask(plan.Viewer, "GET", strings.TrimPrefix(first.header.Get("Location"), s.url), "").want(http.StatusOK).json()
	if job["state"] != "done" || job["sha256"] == "" {
		t.Errorf("job %v", job)
	}
	s.upload("mode=append", file).problem(http.StatusConflict, plan.Exists)
	count(s.upload("mode=replace", file).want(http.StatusCreated), map[string]float64{"unchanged": 2, "added": 0, "changed": 0})
	other := collection(square("b", 350500, 6450000, `{"namn":"B2"}`), square("c", 351000, 6450000, `{}`))
	count(s.upload("mode=upsert", other).want(http.StatusCreated), map[string]float64{"added": 1, "changed": 1, "removed": 0})
	count(s.upload("mode=replace", other).want(http.StatusCreated), map[string]float64{"removed": 1, "unchanged": 2})

	revisions := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/revisions", "").want(http.StatusOK).json()["revisions"].([]any)
	if len(revisions) != 4 || revisions[2].(map[string]any)["note"] != "först" {
		t.Errorf("revisions %v", revisions)
	}
	diff := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov/diff?from=2&to=4", "").want(http.StatusOK).json()
	if len(diff["added"].([]any)) != 1 || len(diff["removed"].([]any)) != 1 || len(diff["changed"].([]any)) != 1 {
		t.Errorf("diff %v", diff)
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers/prov/rollback", `{"to":2}`).want(http.StatusOK)
	count(s.upload("mode=replace&dry_run=true", file).want(http.StatusOK), map[string]float64{"unchanged": 2, "removed": 0})
}

func TestUploadIsIdempotentByKey(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	file := collection(strings.Replace(square("", 350000, 6450000, `{}`), `"id":"",`, "", 1))
	first := s.upload("mode=append", file, "Idempotency-Key", "k1").want(http.StatusCreated)
	again := s.upload("mode=append", file, "Idempotency-Key", "k1").want(http.StatusCreated)
	if first.json()["revision"] != again.json()["revision"] || again.header.Get("Idempotent-Replayed") != "true" || again.json()["added"] != 1.0 {
		t.Errorf("first %s\nagain %s", first.body, again.body)
	}
	s.upload("mode=append", collection(), "Idempotency-Key", "k1").problem(http.StatusConflict, plan.Exists)
	if n := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov", "").json()["features"]; n != 1.0 {
		t.Errorf("%v features, want 1", n)
	}
	// A single edit too: the second answer is the first feature, not a new one.
	body := strings.Replace(square("", 360000, 6450000, `{}`), `"id":"",`, "", 1)
	one := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/features?crs=EPSG:3006", body, "Content-Type", geoJSON, "Idempotency-Key", "k2").want(http.StatusCreated)
	two := s.ask(plan.Officer, "POST", "/api/v1/layers/prov/features?crs=EPSG:3006", body, "Content-Type", geoJSON, "Idempotency-Key", "k2").want(http.StatusCreated)
	if one.header.Get("Location") != two.header.Get("Location") {
		t.Errorf("%s and %s", one.header.Get("Location"), two.header.Get("Location"))
	}
}

// TestBadUploadsWriteNothing sends what must be refused, and looks at the code, the finding's rule and the layer.
func TestBadUploadsWriteNothing(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	good := square("a", 350000, 6450000, `{}`)
	polygon := func(ring string) string {
		return `{"type":"Feature","id":"x","properties":{},"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}`
	}
	for name, c := range map[string]struct{ file, says string }{
		"malformed JSON":    {`{"type":"FeatureCollection","features":[` + good + `,{]}`, "offset"},
		"cut off":           {`{"type":"FeatureCollection","features":[` + good, ""},
		"self-intersection": {collection(good, polygon(`[[350000,6450000],[350100,6450100],[350100,6450000],[350000,6450100],[350000,6450000]]`)), "self_intersection"},
		"unclosed ring":     {collection(good, polygon(`[[350000,6450000],[350100,6450000],[350100,6450100],[350000,6450100]]`)), ""},
		"null geometry":     {collection(good, `{"type":"Feature","id":"x","properties":{},"geometry":null}`), ""},
		"a point":           {collection(good, `{"type":"Feature","id":"x","properties":{},"geometry":{"type":"Point","coordinates":[350000,6450000]}}`), ""},
		"axes swapped":      {collection(good, polygon(`[[6450000,350000],[6450000,350100],[6450100,350100],[6450000,350000]]`)), ""},
		"degrees":           {collection(good, polygon(`[[12.5,58.2],[12.6,58.2],[12.6,58.3],[12.5,58.2]]`)), ""},
		"infinite":          {collection(good, polygon(`[[1e999,6450000],[350100,6450000],[350100,6450100],[1e999,6450000]]`)), ""},
		"unknown attribute": {collection(good, square("x", 350000, 6450000, `{"nanm":"fel"}`)), "namn"},
		"wrong type":        {collection(good, square("x", 350000, 6450000, `{"antal":"tre"}`)), "/properties/antal"},
		"duplicate ids":     {collection(good, good), ""},
		"trailing garbage":  {collection(good) + "}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.T = t
			p := s.upload("mode=append", c.file).problem(http.StatusBadRequest, plan.Invalid)
			findings, _ := p["findings"].([]any)
			if len(findings) == 0 || !strings.Contains(string(mustJSON(p)), c.says) {
				t.Errorf("the problem does not say %q: %s", c.says, mustJSON(p))
			}
			if n := s.ask(plan.Anonymous, "GET", "/api/v1/layers/prov", "").json()["features"]; n != 0.0 {
				t.Errorf("%v features were written", n)
			}
		})
	}
	s.T = t
	s.upload("mode=append", strings.Repeat(" ", 5<<20)).problem(http.StatusRequestEntityTooLarge, plan.TooLarge)
	if latest, _ := s.store.Latest(t.Context()); latest != 1 {
		t.Errorf("revision %d, want 1", latest)
	}
}

// TestBodyWithoutLength sends a chunked body over the limit: the limit holds although no length is announced.
func TestBodyWithoutLength(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	request, _ := http.NewRequest("POST", s.url+"/api/v1/layers/prov/uploads", io.MultiReader(strings.NewReader(`{"type":"FeatureCollection","features":[`),
		strings.NewReader(strings.Repeat(" ", 5<<20))))
	request.Header.Set("Authorization", "Bearer "+s.tokens[plan.Officer])
	request.Header.Set("Content-Type", geoJSON)
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusRequestEntityTooLarge {
		text, _ := io.ReadAll(got.Body)
		t.Errorf("answered %d: %s", got.StatusCode, text)
	}
}

// TestPagesBelongToOneRevision pages through a layer while it changes.
func TestPagesBelongToOneRevision(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	var features []string
	for i := range 25 {
		features = append(features, square("f"+itoa(i), 350000+200*i, 6450000, `{}`))
	}
	s.upload("mode=append", collection(features...)).want(http.StatusCreated)
	seen := map[string]bool{}
	next := s.url + "/ogc/collections/prov/items?limit=10"
	for page := 0; next != ""; page++ {
		got := s.ask(plan.Anonymous, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK).json()
		if got["numberMatched"] != 25.0 {
			t.Errorf("page %d: matched %v", page, got["numberMatched"])
		}
		for _, f := range got["features"].([]any) {
			id := f.(map[string]any)["id"].(string)
			if seen[id] {
				t.Errorf("feature %s comes twice", id)
			}
			seen[id] = true
		}
		next = ""
		for _, link := range got["links"].([]any) {
			if l := link.(map[string]any); l["rel"] == "next" {
				next = l["href"].(string)
			}
		}
		s.ask(plan.Officer, "DELETE", "/api/v1/layers/prov/features/f"+itoa(24-page), "").want(http.StatusNoContent)
		s.ask(plan.Officer, "POST", "/api/v1/layers/prov/features?crs=EPSG:3006", square("a"+itoa(page), 370000, 6450000, `{}`), "Content-Type", geoJSON).want(http.StatusCreated)
	}
	if len(seen) != 25 {
		t.Errorf("%d features, want 25", len(seen))
	}
}

func TestWhatIfAndStanding(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.NewReplacer(`"prov"`, `"bostad"`, `"agriculture"`, `"settlement"`).Replace(provLayer)).want(http.StatusCreated)
	s.upload("mode=append", collection(square("a", 350000, 6450000, `{"namn":"Åker"}`))).want(http.StatusCreated)
	question := `{"theme":"settlement","crs":"EPSG:3006","geometry":{"type":"Polygon","coordinates":[[[350050,6450000],[350150,6450000],[350150,6450100],[350050,6450100],[350050,6450000]]]}}`
	got := s.ask(plan.Anonymous, "POST", "/api/v1/conflicts", question).want(http.StatusOK).json()
	hits := got["hits"].([]any)
	if len(hits) != 1 || hits[0].(map[string]any)["area_ha"].(float64)-0.5 > 1e-9 || got["revision"] != 3.0 {
		t.Errorf("what-if: %s", mustJSON(got))
	}
	s.ask(plan.Officer, "POST", "/api/v1/layers/bostad/uploads?crs=EPSG:3006", collection(square("b", 350050, 6450000, `{}`)), "Content-Type", geoJSON).want(http.StatusCreated)
	standing := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts", "").want(http.StatusOK).json()
	if standing["matched"] != 1.0 || standing["revision"] != 4.0 {
		t.Errorf("standing: %s", mustJSON(standing))
	}
	sums := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts/summary?by=rule", "").want(http.StatusOK).json()["summary"].([]any)
	total := 0.0
	for _, sum := range sums {
		total += sum.(map[string]any)["area_ha"].(float64)
	}
	if total < 0.4999999 || total > 0.5000001 {
		t.Errorf("the sums give %v ha, want 0.5", total)
	}
	// A draft is nobody's business: without a token the conflict is gone.
	s.ask(plan.Officer, "PATCH", "/api/v1/layers/bostad", `{"status":"draft"}`).want(http.StatusOK)
	if open := s.ask(plan.Anonymous, "GET", "/api/v1/conflicts", "").json()["matched"]; open != 0.0 {
		t.Errorf("without a token %v conflicts with the draft show", open)
	}
	if inside := s.ask(plan.Viewer, "GET", "/api/v1/conflicts", "").json()["matched"]; inside != 1.0 {
		t.Errorf("with a token %v conflicts show", inside)
	}
	s.ask(plan.Anonymous, "POST", "/api/v1/conflicts", strings.Replace(question, "settlement", "fiske", 1)).problem(http.StatusBadRequest, plan.Invalid)
	s.ask(plan.Anonymous, "GET", "/api/v1/conflicts?kommun=9999", "").problem(http.StatusBadRequest, plan.Invalid)
}

// TestIndex: the address of the API itself leads to everything that can be read, and each link holds.
func TestIndex(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/api/v1", "/api/v1/"} {
		index := s.ask(plan.Anonymous, "GET", path, "").want(http.StatusOK).json()
		rels := map[any]int{}
		for _, link := range index["links"].([]any) {
			link := link.(map[string]any)
			if rels[link["rel"]]++; strings.Contains(link["href"].(string), "/kommun") {
				continue // whose layers this site does not have
			}
			s.ask(plan.Admin, "GET", strings.TrimPrefix(link["href"].(string), s.url), "").want(http.StatusOK)
		}
		if rels["self"] != 1 || rels["service-desc"] != 1 || rels["item"] < 10 {
			t.Errorf("%v", rels)
		}
	}
	s.ask(plan.Anonymous, "GET", "/api/v1?f=html", "").problem(http.StatusBadRequest, plan.Invalid)
}
