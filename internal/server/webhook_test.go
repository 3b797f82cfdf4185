package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

// receiver is a webhook's other end, which checks every signature with the scheme's own library.
type receiver struct {
	*testing.T
	*httptest.Server
	sync.Mutex
	answers  []int // statuses to answer, one a message; then 204
	verifier *standardwebhooks.Webhook
	got      []message
}

type message struct {
	id     string
	status int // that was answered
	body   string
	event  struct {
		SpecVersion, ID, Source, Type, Subject, Time, DataContentType string
		Data                                                          struct {
			Revision int
			Author   string
			Layers   []struct {
				Layer, Diff string
				Added       int
				Kommuner    []string
			}
		}
	}
}

func newReceiver(t *testing.T, answers ...int) *receiver {
	r := &receiver{T: t, answers: answers}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.Lock()
	defer r.Unlock()
	body, err := io.ReadAll(request.Body)
	m := message{id: request.Header.Get("webhook-id"), body: string(body), status: http.StatusNoContent}
	if err == nil {
		err = json.Unmarshal(body, &m.event)
	}
	if err == nil {
		err = r.verifier.Verify(body, request.Header)
	}
	if err != nil || !strings.HasPrefix(request.Header.Get("Content-Type"), "application/cloudevents+json") {
		r.Errorf("a bad message: %v: %s (%v)", err, body, request.Header)
	}
	if len(r.answers) > 0 {
		m.status, r.answers = r.answers[0], r.answers[1:]
	}
	r.got = append(r.got, m)
	w.Header().Set("Location", r.URL+"/elsewhere")
	w.WriteHeader(m.status)
}

// wait gives the messages when there are n.
func (r *receiver) wait(n int) []message {
	r.Helper()
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(20 * time.Millisecond) {
		r.Lock()
		got := r.got
		r.Unlock()
		if len(got) >= n {
			return got
		}
	}
	r.Fatalf("%d messages came, not %d", len(r.got), n)
	return nil
}

// subscribe makes a webhook to the receiver.
func (s *site) subscribe(r *receiver, filter string) (id string) {
	s.Helper()
	made := s.ask(plan.Officer, "POST", "/api/v1/webhooks", fmt.Sprintf(`{"url":%q%s}`, r.URL, filter)).want(http.StatusCreated).json()
	r.Lock()
	defer r.Unlock()
	var err error
	if r.verifier, err = standardwebhooks.NewWebhook(made["secret"].(string)); err != nil {
		s.Fatal(err)
	}
	return made["id"].(string)
}

// deliveries gives the log when its newest entry is in the state.
func (s *site) deliveries(id string, state plan.DeliveryState) []any {
	s.Helper()
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(20 * time.Millisecond) {
		log := s.ask(plan.Officer, "GET", "/api/v1/webhooks/"+id+"/deliveries", "").want(http.StatusOK).json()["deliveries"].([]any)
		if len(log) > 0 && log[0].(map[string]any)["state"] == string(state) {
			return log
		}
	}
	s.Fatalf("the newest delivery of %s does not become %s", id, state)
	return nil
}

// TestWebhookHearsOfRevisions fails twice, redirects once, and then takes the message: the same one each time.
func TestWebhookHearsOfRevisions(t *testing.T) {
	s := newSite(t)
	s.kommunTiles()
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	r := newReceiver(t, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusFound)
	id := s.subscribe(r, `,"layers":["prov"],"kommuner":["1402"]`)

	s.upload("mode=append", collection(square("a", 350000, 6450000, `{}`))).want(http.StatusCreated) // in the west: not for this one
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.Replace(provLayer, `"prov"`, `"annat"`, 1)).want(http.StatusCreated)
	s.upload("mode=append", collection(square("b", 356000, 6450000, `{}`), square("c", 357000, 6450000, `{}`))).want(http.StatusCreated)
	revision := int(s.atlas.View().Revision())

	got := r.wait(4)
	for _, m := range got {
		if m.id != got[0].id || m.body != got[0].body || m.id != m.event.ID {
			t.Errorf("an attempt brought another message: %+v", m)
		}
	}
	e := got[0].event
	if e.SpecVersion != "1.0" || e.Type != "se.strukturbild.revision.created" || e.Source == "" || e.Subject != fmt.Sprintf("revision/%d", revision) ||
		e.DataContentType != "application/json" || e.Data.Revision != revision || e.Data.Author != "officer" || len(e.Data.Layers) != 1 {
		t.Errorf("the event is %s", got[0].body)
	}
	if _, err := time.Parse(time.RFC3339Nano, e.Time); err != nil {
		t.Error(err)
	}
	layer := e.Data.Layers[0]
	if layer.Layer != "prov" || layer.Added != 2 || fmt.Sprint(layer.Kommuner) != "[1402]" {
		t.Errorf("the layer is %+v", layer)
	}
	s.ask(plan.Anonymous, "GET", layer.Diff, "").want(http.StatusOK)
	log := s.deliveries(id, plan.DeliveryDelivered)
	if entry := log[0].(map[string]any); len(log) != 1 || entry["attempts"] != 4.0 || entry["status"] != 204.0 || entry["revision"] != float64(revision) {
		t.Errorf("the log is %v", log)
	}
	if w := s.ask(plan.Officer, "GET", "/api/v1/webhooks/"+id, "").want(http.StatusOK).json(); w["failing_since"] != nil || w["secret"] != nil {
		t.Errorf("the webhook is %v", w)
	}
	s.ask(plan.Officer, "DELETE", "/api/v1/webhooks/"+id, "").want(http.StatusNoContent)
	s.ask(plan.Officer, "GET", "/api/v1/webhooks/"+id, "").problem(http.StatusNotFound, plan.NotFound)
}

// failingFor waits until the webhook has failed, and sets back since when.
func (s *site) failingFor(id, interval string) {
	s.Helper()
	conn := pgtest.Connect(s.T, s.schema)
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(20 * time.Millisecond) {
		done, err := conn.Exec(s.Context(), "UPDATE webhook SET failing_since = now() - $2::interval WHERE id = $1 AND failing_since IS NOT NULL", id, interval)
		if err != nil {
			s.Fatal(err)
		}
		if done.RowsAffected() == 1 {
			return
		}
	}
	s.Fatal("the webhook does not fail")
}

// TestWebhookIsDisabledAndMended fails for longer than the patience lasts, and is mended by a test.
func TestWebhookIsDisabledAndMended(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	always := make([]int, 1000)
	for i := range always {
		always[i] = http.StatusTeapot
	}
	r := newReceiver(t, always...)
	id := s.subscribe(r, "")
	s.upload("mode=append", collection(square("a", 350000, 6450000, `{}`))).want(http.StatusCreated)
	r.wait(1)
	s.failingFor(id, "6 days")
	log := s.deliveries(id, plan.DeliveryFailed)
	if entry := log[0].(map[string]any); !strings.Contains(entry["error"].(string), "disabled") && !strings.Contains(entry["error"].(string), "418") {
		t.Errorf("the log says %v", log)
	}
	w := s.ask(plan.Officer, "GET", "/api/v1/webhooks/"+id, "").want(http.StatusOK).json()
	if w["disabled"] == nil || !strings.Contains(w["reason"].(string), "418") {
		t.Fatalf("the webhook is %v", w)
	}
	s.upload("mode=append", collection(square("b", 351000, 6450000, `{}`))).want(http.StatusCreated)
	if again := s.deliveries(id, plan.DeliveryFailed); len(again) != len(log) {
		t.Errorf("a disabled webhook was told again: %v", again)
	}

	if d := s.ask(plan.Officer, "POST", "/api/v1/webhooks/"+id+"/test", "").want(http.StatusOK).json(); d["state"] != "failed" || d["status"] != 418.0 {
		t.Errorf("the test came to %v", d)
	}
	r.Lock()
	r.answers = nil
	r.Unlock()
	if d := s.ask(plan.Officer, "POST", "/api/v1/webhooks/"+id+"/test", "").want(http.StatusOK).json(); d["state"] != "delivered" || d["status"] != 204.0 {
		t.Errorf("the test came to %v", d)
	}
	if w := s.ask(plan.Officer, "GET", "/api/v1/webhooks/"+id, "").want(http.StatusOK).json(); w["disabled"] != nil || w["failing_since"] != nil {
		t.Errorf("the webhook is %v", w)
	}
	s.upload("mode=append", collection(square("c", 352000, 6450000, `{}`))).want(http.StatusCreated)
	s.deliveries(id, plan.DeliveryDelivered)

	r.Lock()
	r.answers = []int{http.StatusGone}
	r.Unlock()
	s.upload("mode=append", collection(square("d", 353000, 6450000, `{}`))).want(http.StatusCreated)
	s.deliveries(id, plan.DeliveryFailed)
	if w := s.ask(plan.Officer, "GET", "/api/v1/webhooks/"+id, "").want(http.StatusOK).json(); w["disabled"] == nil {
		t.Errorf("410 Gone was not heeded: %v", w)
	}
}

// TestWebhookFaults: who may, and what is refused.
func TestWebhookFaults(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Planner, "POST", "/api/v1/webhooks", `{"url":"https://example.se/"}`).problem(http.StatusForbidden, plan.Forbidden)
	for _, body := range []string{`{"url":"ftp://example.se/x"}`, `{"url":"/x"}`, `{"url":"https://"}`, `{"url":"https://u:p@example.se/"}`, `{"url":"https://example.se/","layers":["ingen"]}`,
		`{"url":"https://example.se/","kommuner":["9999"]}`, `{"url":"https://example.se/","hemlig":1}`, `{}`} {
		s.ask(plan.Officer, "POST", "/api/v1/webhooks", body).problem(http.StatusBadRequest, plan.Invalid)
	}
	admins := s.ask(plan.Admin, "POST", "/api/v1/webhooks", `{"url":"https://example.se/a"}`).want(http.StatusCreated).json()["id"].(string)
	s.ask(plan.Officer, "POST", "/api/v1/webhooks", `{"url":"https://example.se/b"}`).want(http.StatusCreated)
	for _, path := range []string{"", "/deliveries"} {
		s.ask(plan.Officer, "GET", "/api/v1/webhooks/"+admins+path, "").problem(http.StatusNotFound, plan.NotFound)
	}
	s.ask(plan.Officer, "DELETE", "/api/v1/webhooks/"+admins, "").problem(http.StatusNotFound, plan.NotFound)
	for role, want := range map[plan.Role]int{plan.Officer: 1, plan.Admin: 2} {
		if n := len(s.ask(role, "GET", "/api/v1/webhooks", "").want(http.StatusOK).json()["webhooks"].([]any)); n != want {
			t.Errorf("%s sees %d webhooks, want %d", role, n, want)
		}
	}
	page := s.ask(plan.Admin, "GET", "/api/v1/webhooks?limit=1", "").want(http.StatusOK).json()
	next := page["links"].([]any)[0].(map[string]any)["href"].(string)
	if rest := s.ask(plan.Admin, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK).json()["webhooks"].([]any); len(rest) != 1 {
		t.Errorf("the second page holds %v", rest)
	}
}
