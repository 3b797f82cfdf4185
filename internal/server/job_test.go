package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/ingest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

const patient = time.Minute

// eventually waits for what must come true.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patient); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came true that ", what)
		}
	}
}

// async sends a file that is not waited for, and gives the job.
func (s *site) async(layer, query, file string, headers ...string) map[string]any {
	s.Helper()
	return s.ask(plan.Officer, "POST", "/api/v1/layers/"+layer+"/uploads?crs=EPSG:3006&"+query, file,
		append([]string{"Content-Type", geoJSON, "Prefer", "respond-async"}, headers...)...).want(http.StatusAccepted).json()
}

func (s *site) job(id any) map[string]any {
	s.Helper()
	return s.ask(plan.Officer, "GET", fmt.Sprint("/api/v1/jobs/", id), "").want(http.StatusOK).json()
}

func (s *site) until(id any, state string) (job map[string]any) {
	s.Helper()
	eventually(s.T, fmt.Sprintf("the job %v is %s", id, state), func() bool {
		job = s.job(id)
		return job["state"] == state
	})
	return job
}

// blockWriting keeps every revision of the service waiting until the function that it gives is called.
func (s *site) blockWriting() (release func()) {
	s.Helper()
	conn := pgtest.Connect(s.T, s.schema)
	tx, err := conn.Begin(context.Background())
	if err != nil {
		s.Fatal(err)
	}
	if _, err := tx.Exec(context.Background(), "SELECT pg_advisory_xact_lock(hashtext($1))", "strukturbild_"+s.schema); err != nil {
		s.Fatal(err)
	}
	return func() { _ = tx.Rollback(context.Background()) }
}

// event is one server-sent event.
type event struct{ id, name, data string }

// follow reads a stream of events to its end, as any client would.
func (s *site) follow(id any, lastEvent string) (events []event) {
	s.Helper()
	request, _ := http.NewRequest("GET", fmt.Sprint(s.url, "/api/v1/jobs/", id, "/events"), nil)
	request.Header.Set("Authorization", "Bearer "+s.tokens[plan.Officer])
	request.Header.Set("Last-Event-ID", lastEvent)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Error(err)
		return nil
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNoContent {
		return nil
	}
	if answer.Header.Get("Content-Type") != "text/event-stream" {
		s.Errorf("the stream is %s", answer.Header.Get("Content-Type"))
	}
	var now event
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			now.id = value
		case "event":
			now.name = value
		case "data":
			now.data = value
		case "":
			if now.name != "" {
				events = append(events, now)
			}
			now = event{}
		}
	}
	return events
}

const oneSquare = `{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","properties":{},"geometry":{"type":"Polygon","coordinates":` +
	`[[[350000,6450000],[350100,6450000],[350100,6450100],[350000,6450000]]]}}]}`

func TestJobIsFollowedToItsEnd(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	release := s.blockWriting()
	job := s.async("prov", "note=x", oneSquare)
	if job["state"] == "done" || job["id"] == "" {
		t.Fatalf("job %v", job)
	}
	heard := make(chan []event)
	for range 3 {
		go func() { heard <- s.follow(job["id"], "") }()
	}
	eventually(t, "the job is writing", func() bool { return s.job(job["id"])["progress"].(map[string]any)["phase"] == "writing" })
	release()
	var events []event
	for range 3 {
		events = <-heard
		if len(events) < 2 || events[0].name != "progress" || events[len(events)-1].name != "done" {
			t.Fatalf("events %v", events)
		}
	}
	last := events[len(events)-1]
	var ended plan.Job
	if err := json.Unmarshal([]byte(last.data), &ended); err != nil || ended.Revision != 2 || ended.Added != 1 || ended.Accepted != 1 ||
		ended.Progress.Features != 1 || ended.Progress.Bytes != int64(len(oneSquare)) || ended.Started == nil || ended.Finished == nil {
		t.Errorf("%v: the last event is %s", err, last.data)
	}
	if again := s.follow(job["id"], events[0].id); len(again) == 0 || again[len(again)-1].name != "done" {
		t.Errorf("after the event %s: %v", events[0].id, again)
	}
	if again := s.follow(job["id"], last.id); len(again) != 0 {
		t.Errorf("after the last event: %v", again)
	}
}

func TestFindingsAreALayer(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	var bows []string
	for i := range 250 {
		x := 350000 + 200*i
		bows = append(bows, fmt.Sprintf(`{"type":"Feature","id":"f%d","properties":{},"geometry":{"type":"Polygon","coordinates":[[[%d,6450000],[%d,6450100],[%d,6450000],[%d,6450100],[%d,6450000]]]}}`,
			i, x, x+100, x+100, x, x))
	}
	refused := s.upload("mode=append", collection(append(bows, square("g", 350000, 6450000, `{"nanm":1}`))...))
	problem := refused.problem(http.StatusBadRequest, plan.Invalid)
	if n := len(problem["findings"].([]any)); n != plan.JobFindings {
		t.Errorf("%d findings in the answer", n)
	}
	path := strings.TrimPrefix(refused.header.Get("Location"), s.url)
	job := s.ask(plan.Viewer, "GET", path, "").want(http.StatusOK).json()
	if job["state"] != "failed" || job["refused"] != 251.0 || job["rules"].(map[string]any)["self_intersection"] != 250.0 || job["accepted"] != 0.0 {
		t.Errorf("job %v", job)
	}
	next, total := path+"/findings?limit=100", 0
	for next != "" {
		page := s.ask(plan.Viewer, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK).json()
		total += len(page["findings"].([]any))
		next = ""
		if links := page["links"].([]any); len(links) > 0 {
			next = links[0].(map[string]any)["href"].(string)
		}
	}
	if total != 251 {
		t.Errorf("%d findings on all pages", total)
	}
	layer := s.ask(plan.Viewer, "GET", path+"/findings", "", "Accept", "application/geo+json").want(http.StatusOK)
	file := filepath.Join(t.TempDir(), "findings.geojson")
	if err := os.WriteFile(file, layer.body, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ogrinfo", "-al", "-so", file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Feature Count: 251") || !strings.Contains(string(out), "Geometry: Point") ||
		!strings.Contains(string(out), "message_sv: String") {
		t.Errorf("%v: %s", err, out)
	}
	place := layer.json()["features"].([]any)[0].(map[string]any)["geometry"].(map[string]any)["coordinates"].([]any)
	if lon, lat := place[0].(float64), place[1].(float64); lon < 12 || lon > 13 || lat < 58 || lat > 59 {
		t.Errorf("the first finding lies at %v", place)
	}
}

// TestCancelInEachPhase: a waiting job, one whose reader hangs, and one that is about to write.
func TestCancelInEachPhase(t *testing.T) {
	s := newSite(t)
	hung := newNode(t, s.schema, jobs.Options{AtOnce: 4, Files: ingest.Reader{Command: []string{"sleep", "600"}}})
	hung.tokens = s.tokens
	for _, id := range []string{"prov", "annat"} {
		s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"prov"`, `"`+id+`"`, 1)).want(http.StatusCreated)
	}
	eventually(t, "the second node has the layers", func() bool {
		_ = hung.atlas.Sync(t.Context())
		return hung.ask(plan.Officer, "GET", "/api/v1/layers/annat", "").status == http.StatusOK
	})
	reading := hung.async("prov", "filename=x.csv", fieldsCSV, "Content-Type", "text/csv")
	hung.until(reading["id"], "running")
	waiting := hung.async("prov", "", oneSquare)
	release := s.blockWriting()
	defer release()
	writing := hung.async("annat", "", oneSquare)
	eventually(t, "a job is writing", func() bool { return s.job(writing["id"])["progress"].(map[string]any)["phase"] == "writing" })
	if state := s.job(waiting["id"])["state"]; state != "queued" {
		t.Errorf("the second job of a layer is %v while the first is running", state)
	}
	s.ask(plan.Viewer, "DELETE", fmt.Sprint("/api/v1/jobs/", waiting["id"]), "").problem(http.StatusForbidden, plan.Forbidden)
	for _, job := range []map[string]any{waiting, reading, writing} { // asked of the other node
		s.ask(plan.Officer, "DELETE", fmt.Sprint("/api/v1/jobs/", job["id"]), "")
		if ended := s.until(job["id"], "cancelled"); ended["revision"] != nil || ended["finished"] == nil {
			t.Errorf("cancelled: %v", ended)
		}
		s.ask(plan.Officer, "DELETE", fmt.Sprint("/api/v1/jobs/", job["id"]), "").problem(http.StatusConflict, plan.Stale)
	}
	if last := s.follow(writing["id"], ""); len(last) != 1 || last[0].name != "cancelled" {
		t.Errorf("events %v", last)
	}
	release()
	if latest, _ := s.store.Latest(t.Context()); latest != 2 {
		t.Errorf("revision %d, want 2: something was written", latest)
	}
	hung.upload("mode=append", oneSquare).want(http.StatusCreated) // the layer is free again
}

// TestOtherChangesMeanwhile: what was equal to the layer when the file was read no longer is when it is written.
func TestOtherChangesMeanwhile(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	before := []string{square("a", 350000, 6450000, `{"antal":1}`), square("b", 350200, 6450000, `{}`), square("c", 350400, 6450000, `{}`)}
	s.upload("mode=replace", collection(before...)).want(http.StatusCreated)
	release := s.blockWriting()
	defer release()
	edited := make(chan *answer)
	go func() {
		edited <- s.ask(plan.Officer, "PATCH", "/api/v1/layers/prov/features/a", `{"type":"Feature","properties":{"antal":2}}`, "Content-Type", "application/merge-patch+json")
	}()
	waiting := pgtest.Connect(t, s.schema)
	eventually(t, "the edit waits to be written", func() bool {
		var n int
		err := waiting.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
			AND objid = (hashtext($1)::bigint & 4294967295)::oid`, "strukturbild_"+s.schema).Scan(&n)
		return err == nil && n == 1
	})
	before[2] = square("c", 350500, 6450000, `{}`)
	load := s.async("prov", "mode=replace", collection(before...))
	eventually(t, "the file is compared", func() bool {
		now := s.job(load["id"])
		return now["progress"].(map[string]any)["phase"] == "writing" && now["unchanged"] == 2.0
	})
	release()
	(<-edited).want(http.StatusOK)
	done := s.until(load["id"], "done")
	if done["changed"] != 2.0 || done["unchanged"] != 1.0 || done["removed"] != 0.0 {
		t.Errorf("the job says %v", done)
	}
	if a := string(s.ask(plan.Viewer, "GET", "/api/v1/layers/prov/features/a", "").want(http.StatusOK).body); !strings.Contains(a, `"antal":1`) {
		t.Errorf("the feature that both wrote is %s", a)
	}
}

func TestJobsAreListed(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	for range 3 {
		s.upload("mode=replace", oneSquare).want(http.StatusCreated)
	}
	s.upload("mode=replace", "{").want(http.StatusBadRequest)
	list := func(role plan.Role, query string) []any {
		t.Helper()
		return s.ask(role, "GET", "/api/v1/jobs?"+query, "").want(http.StatusOK).json()["jobs"].([]any)
	}
	if n := len(list(plan.Officer, "")); n != 4 {
		t.Errorf("the officer sees %d jobs", n)
	}
	if n := len(list(plan.Viewer, "")); n != 0 {
		t.Errorf("another sees %d jobs", n)
	}
	if n := len(list(plan.Admin, "layer=prov&state=done")); n != 3 {
		t.Errorf("the administrator sees %d that are done", n)
	}
	page := s.ask(plan.Officer, "GET", "/api/v1/jobs?limit=3", "").want(http.StatusOK).json()
	if page["jobs"].([]any)[0].(map[string]any)["state"] != "failed" {
		t.Errorf("the newest is %v", page["jobs"].([]any)[0])
	}
	next := page["links"].([]any)[0].(map[string]any)["href"].(string)
	if rest := s.ask(plan.Officer, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK).json(); len(rest["jobs"].([]any)) != 1 || len(rest["links"].([]any)) != 0 {
		t.Errorf("the second page is %v", rest)
	}
}

// TestRepeatedKeyIsTheSameJob: while the first runs, and after its end.
func TestRepeatedKeyIsTheSameJob(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	release := s.blockWriting()
	first := s.async("prov", "", oneSquare, "Idempotency-Key", "k")
	again := s.async("prov", "", oneSquare, "Idempotency-Key", "k")
	if first["id"] != again["id"] {
		t.Errorf("two jobs: %v and %v", first["id"], again["id"])
	}
	s.upload("", collection(), "Idempotency-Key", "k").problem(http.StatusConflict, plan.Exists)
	release()
	third := s.upload("", oneSquare, "Idempotency-Key", "k").want(http.StatusCreated)
	if third.json()["id"] != first["id"] || third.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s", third.body)
	}
	// A failed one makes way for another attempt.
	s.upload("", "{", "Idempotency-Key", "k2").want(http.StatusBadRequest)
	s.upload("mode=replace", oneSquare, "Idempotency-Key", "k2").want(http.StatusCreated)
}

func TestTooManyWait(t *testing.T) {
	s := newSite(t)
	narrow := newNode(t, s.schema, jobs.Options{Waiting: 1})
	narrow.tokens = s.tokens
	narrow.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	release := s.blockWriting()
	narrow.until(narrow.async("prov", "", oneSquare)["id"], "running")
	second := narrow.async("prov", "mode=replace", oneSquare)
	refused := narrow.upload("", oneSquare)
	refused.problem(http.StatusServiceUnavailable, plan.Unavailable)
	if refused.header.Get("Retry-After") == "" || !strings.Contains(string(refused.body), "wait already") {
		t.Errorf("%v %s", refused.header, refused.body)
	}
	release()
	narrow.until(second["id"], "done")
}

// TestStoppedNodeGoesOnAfterItsStart: the job is put back, done by the next start, and not by other nodes; one whose
// file has gone fails; one whose revision was made before the end is found to be done.
func TestStoppedNodeGoesOnAfterItsStart(t *testing.T) {
	s := newSite(t)
	for _, id := range []string{"prov", "annat"} {
		s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"prov"`, `"`+id+`"`, 1)).want(http.StatusCreated)
	}
	dir := t.TempDir()
	node := newNode(t, s.schema, jobs.Options{Dir: dir})
	node.tokens = s.tokens
	release := s.blockWriting()
	kept, lost := node.async("prov", "", oneSquare), node.async("annat", "", oneSquare)
	for _, job := range []map[string]any{kept, lost} {
		eventually(t, "a job is writing", func() bool { return s.job(job["id"])["progress"].(map[string]any)["phase"] == "writing" })
	}
	node.stop()
	release()
	if job := s.job(kept["id"]); job["state"] != "queued" || job["attempts"] != 0.0 {
		t.Errorf("after the stop: %v", job)
	}
	if err := os.Remove(filepath.Join(dir, lost["id"].(string))); err != nil {
		t.Fatal(err)
	}
	again := newNode(t, s.schema, jobs.Options{Dir: dir})
	again.tokens = s.tokens
	done := s.until(kept["id"], "done")
	if failed := s.until(lost["id"], "failed"); !strings.Contains(fmt.Sprint(failed["error"]), "send it again") {
		t.Errorf("without its file: %v", failed)
	}
	if files, _ := filepath.Glob(dir + "/[A-Z]*"); len(files) != 0 {
		t.Errorf("files are left: %v", files)
	}
	conn := pgtest.Connect(t, s.schema)
	mustExec(t, conn, `UPDATE job SET state = 'running', finished = NULL, body = body || '{"state": "running", "added": 0}' WHERE id = $1`, kept["id"])
	mustExec(t, conn, `UPDATE river_job SET state = 'available', finalized_at = NULL WHERE id = (SELECT errand FROM job WHERE id = $1)`, kept["id"])
	if found := s.until(kept["id"], "done"); found["revision"] != done["revision"] || found["added"] != 1.0 {
		t.Errorf("found again: %v", found)
	}
	if latest, _ := s.store.Latest(t.Context()); latest != 3 {
		t.Errorf("revision %d, want 3: the file was loaded twice", latest)
	}
	// What is too old is forgotten, with its findings.
	mustExec(t, conn, "UPDATE job SET finished = now() - interval '31 days' WHERE id = $1", kept["id"])
	if err := s.store.SweepJobs(t.Context(), 30*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	s.ask(plan.Officer, "GET", fmt.Sprint("/api/v1/jobs/", kept["id"]), "").problem(http.StatusNotFound, plan.NotFound)
}

func mustExec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if done, err := conn.Exec(t.Context(), sql, args...); err != nil || done.RowsAffected() != 1 {
		t.Fatalf("%s: %v, %v", sql, done, err)
	}
}
