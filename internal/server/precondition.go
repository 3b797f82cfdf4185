package server

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// etag is the revision that made the version.
func etag(revision plan.Revision) string { return `"` + strconv.FormatInt(int64(revision), 10) + `"` }

// layerTag is the ETag of a layer; of a derived one it also names what the layer follows from beside the revision.
func layerTag(s *atlas.Snapshot) string {
	if s.Edition() == "" {
		return etag(s.Revision())
	}
	return fmt.Sprintf(`"%d-%s"`, s.Revision(), s.Edition())
}

// featureTag is the ETag of a feature. A derived one has no version of its own, and so has that of its layer.
func featureTag(s *atlas.Snapshot, slot atlas.Slot) string {
	if s.Edition() == "" {
		return etag(s.Since(slot))
	}
	return layerTag(s)
}

// notModified sets the ETag and reports whether the client has this version (RFC 9110, 13.1.2).
func notModified(c echo.Context, tag string) bool {
	c.Response().Header().Set("ETag", tag)
	return matches(c.Request().Header.Get("If-None-Match"), tag)
}

// anyForm finds the version in the ETag of a feature in whichever format and coding: "41-jsonfg-gzip" is version 41.
var anyForm = regexp.MustCompile(`"([0-9]+)-[a-z\-]+"`)

// ifMatch refuses to change another version than the client saw (RFC 9110, 13.1.1).
func ifMatch(c echo.Context, revision plan.Revision) error {
	wanted := c.Request().Header.Get("If-Match")
	if wanted == "" || matches(anyForm.ReplaceAllString(wanted, `"$1"`), etag(revision)) {
		return nil
	}
	return plan.Errorf(plan.Stale, "If-Match", "the version asked for is %s, but the current one is %s; read it and try again", wanted, etag(revision))
}

// unchangedSince refuses to change a version that is newer than the client says; If-Match goes before it (RFC 9110,
// 13.1.4 and 13.2.2). Times are whole seconds.
func (s *Server) unchangedSince(c echo.Context, revision plan.Revision) error {
	header := c.Request().Header
	since, err := http.ParseTime(header.Get("If-Unmodified-Since"))
	if err != nil || header.Get("If-Match") != "" { // what is no date is not looked at
		return nil
	}
	record, err := s.store.Revision(c.Request().Context(), revision)
	if err != nil || !record.Time.Truncate(time.Second).After(since) {
		return err
	}
	return plan.Errorf(plan.Stale, "If-Unmodified-Since", "the feature was changed %s, after %s; read it and try again",
		record.Time.Format(http.TimeFormat), since.Format(http.TimeFormat))
}

// conditional reports whether the client has said which version it wants to change.
func conditional(c echo.Context) bool {
	header := c.Request().Header
	return header.Get("If-Match") != "" || header.Get("If-Unmodified-Since") != ""
}

// matches reports whether one of the tags in the header is this version, in whichever content coding. W/ is passed over
// also where the standard wants strong tags: here it only tells that a proxy has encoded the answer.
func matches(header, tag string) bool {
	tag = plainTag(tag)
	for candidate := range strings.SplitSeq(header, ",") {
		if strings.TrimSpace(candidate) == "*" || plainTag(candidate) == tag {
			return true
		}
	}
	return false
}
