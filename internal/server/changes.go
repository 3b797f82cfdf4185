package server

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// changesPage is how many revisions a page of the feed has when the request does not say.
const changesPage = 50

// change is one entry of the feed: what one revision did to one layer.
type change struct {
	Revision plan.Revision   `json:"revision"`
	Time     time.Time       `json:"time"`
	Author   string          `json:"author"`
	Kind     plan.ChangeKind `json:"kind"`
	Note     string          `json:"note"`
	Source   *plan.Source    `json:"source,omitempty"`
	plan.LayerCounts
	Title plan.Text           `json:"title"` // of the layer
	Links []map[string]string `json:"links"`
}

// getChanges is the feed of changes, newest first, as JSON or Atom.
func (s *Server) getChanges(c echo.Context) error {
	header := c.Response().Header()
	header.Add(echo.HeaderVary, "Accept, Authorization")
	header.Set(echo.HeaderCacheControl, "no-cache")
	view := s.view(c)
	atRevision(c, view.Revision())
	if s.seenChanges(c, view.Revision()) {
		return c.NoContent(http.StatusNotModified)
	}
	q, err := s.changesQuery(c, view.Revision())
	if err != nil {
		return err
	}
	limit := q.Limit
	q.Limit++ // one more tells whether there is a next page
	records, err := s.store.Revisions(c.Request().Context(), q)
	if err != nil {
		return err
	}
	next := ""
	if len(records) > limit {
		records = records[:limit]
		next = strconv.FormatInt(int64(records[limit-1].Revision), 10)
	}
	if len(records) > 0 && unmodified(c, records[0].Time) {
		return c.NoContent(http.StatusNotModified)
	}
	if atomWanted(c) {
		return s.writeFeed(c, s.changesOf(c, records), next)
	}
	return s.writeChanges(c, s.changesOf(c, records), next)
}

// seenChanges sets the ETag and reports whether the client has this version. The feed depends on the address, on who may
// see drafts, and on the newest revision, which the atlas knows: nothing is asked of the database.
func (s *Server) seenChanges(c echo.Context, revision plan.Revision) bool {
	version := "changes-" + strconv.FormatInt(int64(revision), 10)
	if maySeeDrafts(c) {
		version += "-drafts"
	}
	if atomWanted(c) {
		version += "-atom"
	}
	tag := `"` + version + `"`
	c.Response().Header().Set("ETag", tag)
	return matches(c.Request().Header.Get("If-None-Match"), tag)
}

// unmodified sets Last-Modified and reports whether nothing is newer than what the client has. An ETag, when there is
// one, has decided already (RFC 9110, 13.2.2).
func unmodified(c echo.Context, newest time.Time) bool {
	newest = newest.Truncate(time.Second)
	c.Response().Header().Set(echo.HeaderLastModified, newest.UTC().Format(http.TimeFormat))
	since, err := http.ParseTime(c.Request().Header.Get(echo.HeaderIfModifiedSince))
	return err == nil && c.Request().Header.Get("If-None-Match") == "" && !newest.After(since)
}

// changesQuery reads the filters. The feed is cut at the newest revision of the atlas, which its ETag names.
func (s *Server) changesQuery(c echo.Context, newest plan.Revision) (q store.RevisionQuery, err error) {
	q = store.RevisionQuery{Layer: c.QueryParam("layer"), Kommun: c.QueryParam("kommun"), Before: newest + 1, Limit: changesPage, Visible: s.visible(c), WithLayers: true}
	if limit, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		q.Limit = limit
	}
	if before, err := revisionParam(c.QueryParam("before"), "before"); err != nil {
		return q, err
	} else if before != 0 {
		q.Before = min(q.Before, before)
	}
	if err := s.reachable(); err != nil {
		return q, err
	}
	q.After, err = s.since(c)
	return q, err
}

// since reads after which revision the feed is wanted: its number, or an instant.
func (s *Server) since(c echo.Context) (plan.Revision, error) {
	text := c.QueryParam("since")
	if text == "" {
		return 0, nil
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil && number >= 0 {
		return plan.Revision(number), nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, plan.Errorf(plan.Invalid, "since", "since=%q is neither the number of a revision nor an instant like 2026-11-22T10:00:00Z (RFC 3339, with a time zone; write + as %%2B)", text)
	}
	revision, err := s.store.RevisionAt(c.Request().Context(), at)
	if plan.CodeOf(err) == plan.NotFound { // before the first one: everything is later
		return 0, nil
	}
	return revision, err
}

// changesOf gives an entry for each layer of the revisions.
func (s *Server) changesOf(c echo.Context, records []plan.RevisionRecord) []change {
	changes, view := []change{}, s.view(c)
	for _, r := range records {
		for _, counts := range r.Layers {
			entry := change{Revision: r.Revision, Time: r.Time, Author: r.Author, Kind: r.Kind, Note: r.Note, Source: r.Source, LayerCounts: counts,
				Title: plan.Text{SV: counts.Layer, EN: counts.Layer}}
			if snapshot, err := view.Layer(counts.Layer); err == nil {
				entry.Title = snapshot.Layer().Title
			}
			entry.Links = []map[string]string{
				{"rel": "diff", "type": ogc.MediaJSON, "href": s.diffAddress(c, counts.Layer, r.Revision)},
				{"rel": "diff", "type": ogc.MediaGeoJSON, "href": s.diffAddress(c, counts.Layer, r.Revision) + "&f=geojson"},
			}
			changes = append(changes, entry)
		}
	}
	return changes
}

// diffAddress gives the address of what the revision did to the layer: without from it begins before the change.
func (s *Server) diffAddress(c echo.Context, layer string, revision plan.Revision) string {
	return s.base(c) + api + "/layers/" + layer + "/diff?to=" + strconv.FormatInt(int64(revision), 10)
}

func (s *Server) writeChanges(c echo.Context, changes []change, next string) error {
	links := []map[string]string{}
	if next != "" {
		links = append(links, s.nextLink(c, "before", next))
	}
	body, err := ogc.Encode(map[string]any{"changes": changes, "links": links})
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, body)
}

// atomWanted: f wins over the Accept header.
func atomWanted(c echo.Context) bool {
	if f := c.QueryParam("f"); f != "" {
		return f == "atom"
	}
	return strings.Contains(c.Request().Header.Get(echo.HeaderAccept), ogc.MediaAtom)
}

// newestTime gives when the newest entry was made, or now when there is none.
func newestTime(changes []change) time.Time {
	if len(changes) == 0 {
		return time.Now()
	}
	return changes[0].Time
}

// authorOf never is empty, which Atom does not allow.
func authorOf(name string) string { return cmp.Or(name, "okänd") }
