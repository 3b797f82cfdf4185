package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/jobs"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

func routedServer(t *testing.T) *Server {
	t.Helper()
	st := pgtest.Open(t, "")
	at := atlas.New(st)
	if err := at.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	rules, err := conflict.Default()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	jb, err := jobs.Open(jobs.Options{Dir: t.TempDir(), MaxBytes: 1 << 20, Log: log}, st, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = jb.Close() })
	s, err := New(Options{MaxBody: 1 << 20, MaxUpload: 1 << 20, UploadTime: time.Minute}, log, st, at, jb, rules)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var pathParameter = regexp.MustCompile(`\{([a-z_]+)\}`)

// TestRoutesAreTheContract: every operation of the contract is served, with the role that it says, and nothing else.
func TestRoutesAreTheContract(t *testing.T) {
	s := routedServer(t)
	served := map[string]plan.Role{}
	for _, r := range s.routes() {
		if s.contract.covers(r.path) {
			served[r.method+" "+r.path] = r.role
		}
	}
	for path, item := range s.contract.document.Paths.Map() {
		for method, operation := range item.Operations() {
			name := method + " " + strings.TrimSuffix(api+pathParameter.ReplaceAllString(path, ":$1"), "/")
			role, found := served[name]
			if !found {
				t.Errorf("%s is in the contract, but not served", name)
				continue
			}
			delete(served, name)
			said, _ := operation.Extensions["x-role"].(string)
			if said != string(role) && (said != "anonymous" || role != plan.Anonymous) {
				t.Errorf("%s takes the role %q, but the contract says %q", name, role, said)
			}
		}
	}
	for name := range served {
		t.Errorf("%s is served, but not in the contract", name)
	}
}

// TestEveryRouteWithEveryRole walks the whole table without a token, with a wrong one, and with each role.
func TestEveryRouteWithEveryRole(t *testing.T) {
	s := routedServer(t)
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	tokens := map[plan.Role]string{plan.Anonymous: ""}
	for _, role := range plan.Roles {
		token, err := s.store.CreateToken(t.Context(), string(role), role)
		if err != nil {
			t.Fatal(err)
		}
		tokens[role] = token
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(r route, token string) int {
		path := regexp.MustCompile(`:[a-z]+`).ReplaceAllString(r.path, "1")
		request, _ := http.NewRequest(r.method, web.URL+path, nil)
		if token != "" {
			request.SetBasicAuth("anyone", token)
		}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		_, _ = io.Copy(io.Discard, answer.Body)
		return answer.StatusCode
	}
	for _, r := range s.routes() {
		for role, token := range tokens {
			got := ask(r, token)
			refused := got == http.StatusUnauthorized || got == http.StatusForbidden
			switch {
			case role.Allows(r.role) && refused:
				t.Errorf("%s %s refuses the role %q with %d", r.method, r.path, role, got)
			case !role.Allows(r.role) && role == plan.Anonymous && got != http.StatusUnauthorized:
				t.Errorf("%s %s without a token answers %d, want 401", r.method, r.path, got)
			case !role.Allows(r.role) && role != plan.Anonymous && got != http.StatusForbidden:
				t.Errorf("%s %s with the role %q answers %d, want 403", r.method, r.path, role, got)
			}
		}
		if got := ask(r, "strb_wrong"); got != http.StatusUnauthorized {
			t.Errorf("%s %s with a wrong token answers %d, want 401", r.method, r.path, got)
		}
	}
}

func TestUnknownParametersAreRefused(t *testing.T) {
	s := routedServer(t)
	for path, says := range map[string]string{
		"/api/v1/layers?colour=red":            "colour",
		"/api/v1/conflicts/summary":            "by",
		"/api/v1/conflicts/summary?by=tuesday": "by",
		"/api/v1/conflicts?limit=-1":           "limit",
		"/api/v1/revisions/abc":                "revision",
		"/api/v1/conflicts?min_severity=9":     "min_severity",
		"/ogc/collections?colour=red":          "colour",
	} {
		request := httptest.NewRequest("GET", path, nil)
		token, err := s.store.CreateToken(t.Context(), "t"+path, plan.Admin)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "bearer "+token)
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, request)
		if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), says) {
			t.Errorf("%s answers %d: %s", path, answer.Code, answer.Body)
		}
	}
}

// TestHeadIsGetWithoutBody asks every open document with HEAD.
func TestHeadIsGetWithoutBody(t *testing.T) {
	s := routedServer(t)
	for _, path := range []string{"/api/v1/layers", "/api/v1/openapi.json", "/api/v1/rulesets", "/api/v1/conflicts", "/ogc", "/ogc/collections", "/metrics"} {
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, httptest.NewRequest("HEAD", path, nil))
		if answer.Code != http.StatusOK {
			t.Errorf("HEAD %s answers %d", path, answer.Code)
		}
	}
}

// TestMetricsAreReadable: compressed once, whoever asks.
func TestMetricsAreReadable(t *testing.T) {
	s := routedServer(t)
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	answer, err := http.Get(web.URL + "/metrics") // the client asks for gzip and unpacks it once
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(text), "strukturbild_atlas_revision") {
		t.Errorf("%v: %.200s", err, text)
	}
}
