package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed/atom"

	"strukturbild/internal/plan"
)

// feed reads the answer with a feed reader's own parser, and holds it to what RFC 4287 demands.
func (a *answer) feed() *atom.Feed {
	a.Helper()
	if media := a.header.Get("Content-Type"); media != "application/atom+xml" {
		a.Fatalf("the feed is %s", media)
	}
	feed, err := (&atom.Parser{}).Parse(strings.NewReader(string(a.body)))
	if err != nil {
		a.Fatalf("%v: %s", err, a.body)
	}
	if !strings.HasPrefix(feed.ID, "tag:") || feed.Title == "" || feed.UpdatedParsed == nil || len(feed.Authors) != 1 || feedLink(feed, "self") == "" {
		a.Errorf("the feed lacks what it must have (4.1.1): %s", a.body)
	}
	seen := map[string]bool{}
	for _, e := range feed.Entries {
		if !strings.HasPrefix(e.ID, "tag:") || seen[e.ID] || e.Title == "" || e.UpdatedParsed == nil || len(e.Authors) != 1 || e.Authors[0].Name == "" || len(e.Links) == 0 {
			a.Errorf("an entry lacks what it must have (4.1.2): %+v", e)
		}
		if e.UpdatedParsed.After(*feed.UpdatedParsed) {
			a.Errorf("entry %s is newer than the feed", e.ID)
		}
		seen[e.ID] = true
	}
	return feed
}

func feedLink(feed *atom.Feed, rel string) string {
	for _, link := range feed.Links {
		if link.Rel == rel {
			return link.Href
		}
	}
	return ""
}

// TestChangeFeed follows a layer as JSON and as Atom, filtered and in pages.
func TestChangeFeed(t *testing.T) {
	s := newSite(t)
	s.kommunTiles()
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.upload("mode=append&note=väster+%26+öster", collection(square("a", 350000, 6450000, `{}`), square("b", 351950, 6450000, `{}`))).want(http.StatusCreated)
	between, instant := s.atlas.View().Revision(), time.Now().UTC()
	s.upload("mode=upsert", collection(square("a", 350020, 6450000, `{}`))).want(http.StatusCreated)
	s.ask(plan.Officer, "POST", "/api/v1/layers", strings.NewReplacer(`"prov"`, `"utkast"`, "published", "draft").Replace(provLayer)).want(http.StatusCreated)

	changes := func(role plan.Role, query string) []any {
		return s.ask(role, "GET", "/api/v1/changes"+query, "").want(http.StatusOK).json()["changes"].([]any)
	}
	for query, want := range map[string]int{"": 5, "?layer=prov": 3, "?layer=prov&kommun=1402": 1, "?kommun=1401&layer=prov": 2, "?kommun=utanfor": 0,
		fmt.Sprintf("?since=%d", between): 1, "?since=" + instant.Format(time.RFC3339Nano): 1, "?since=2020-01-01T00:00:00Z": 5, "?layer=utkast": 0} {
		if got := changes(plan.Anonymous, query); len(got) != want {
			t.Errorf("%s: %d changes, want %d", query, len(got), want)
		}
	}
	if n := len(changes(plan.Viewer, "?layer=utkast")); n != 1 {
		t.Errorf("a viewer hears of %d changes of a draft", n)
	}
	s.ask(plan.Anonymous, "GET", "/api/v1/changes?since=igår", "").problem(http.StatusBadRequest, plan.Invalid)

	newest := changes(plan.Anonymous, "?layer=prov")[0].(map[string]any)
	diff := newest["links"].([]any)[0].(map[string]any)["href"].(string)
	if summary := s.ask(plan.Anonymous, "GET", strings.TrimPrefix(diff, s.url), "").want(http.StatusOK).json()["summary"].(map[string]any); summary["changed"] != 1.0 || summary["added"] != 0.0 {
		t.Errorf("the link leads to %v", summary)
	}

	got := s.ask(plan.Anonymous, "GET", "/api/v1/changes?layer=prov", "", "Accept", "application/atom+xml").want(http.StatusOK)
	feed := got.feed()
	if len(feed.Entries) != 3 || feed.Entries[0].Title != "Prov: 1 ändrat" || feed.Entries[1].Summary != "väster & öster" || feed.Language != "sv" {
		t.Errorf("the feed is %s", got.body)
	}
	var ids []string
	for next := "/api/v1/changes?layer=prov&f=atom&limit=1"; next != ""; {
		page := s.ask(plan.Anonymous, "GET", strings.TrimPrefix(next, s.url), "").want(http.StatusOK).feed()
		if page.ID != feed.ID || feedLink(page, "first") == "" {
			t.Errorf("a page calls itself %s, not %s", page.ID, feed.ID)
		}
		for _, e := range page.Entries {
			ids = append(ids, e.ID)
		}
		next = feedLink(page, "next")
	}
	if len(ids) != 3 || ids[0] != feed.Entries[0].ID || ids[2] != feed.Entries[2].ID {
		t.Errorf("the pages hold %v", ids)
	}

	tag := got.header.Get("ETag")
	s.ask(plan.Anonymous, "GET", "/api/v1/changes?layer=prov", "", "Accept", "application/atom+xml", "If-None-Match", tag).want(http.StatusNotModified)
	s.ask(plan.Anonymous, "GET", "/api/v1/changes?layer=prov", "", "If-Modified-Since", got.header.Get("Last-Modified")).want(http.StatusNotModified)
	s.upload("mode=upsert", collection(square("a", 350040, 6450000, `{}`))).want(http.StatusCreated)
	s.ask(plan.Anonymous, "GET", "/api/v1/changes?layer=prov", "", "Accept", "application/atom+xml", "If-None-Match", tag).want(http.StatusOK)
}
