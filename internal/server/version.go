package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// versionAnswer is one version of a feature: what made it, how long it held, and what it was.
type versionAnswer struct {
	Revision   plan.Revision    `json:"revision"`
	Until      plan.Revision    `json:"until,omitempty"` // the revision that ended it; left out for the current one
	Time       time.Time        `json:"time"`
	Author     string           `json:"author"`
	Kind       plan.ChangeKind  `json:"kind"`
	Note       string           `json:"note"`
	Collisions []plan.Collision `json:"collisions,omitempty"`
	Feature    json.RawMessage  `json:"feature"`
}

// versionsPage is how many versions a page has when the request does not say.
const versionsPage = 100

// getVersions is the history of one feature, newest version first, also of one that has been removed.
func (s *Server) getVersions(c echo.Context) error {
	layer, limit := c.Param("layer"), versionsPage
	if _, err := s.view(c).Layer(layer); err != nil && !maySeeDrafts(c) {
		return err
	}
	if err := s.reachable(); err != nil {
		return err
	}
	before, err := revisionParam(c.QueryParam("before"), "before")
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		limit = n
	}
	id := c.Param("id")
	if unescaped, err := url.PathUnescape(id); err == nil {
		id = unescaped
	}
	versions, err := s.store.Versions(c.Request().Context(), store.VersionQuery{Layer: layer, ID: id, Before: before, Limit: limit + 1})
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if len(versions) > limit {
		versions = versions[1:]
		links = append(links, s.nextLink(c, "before", strconv.FormatInt(int64(versions[0].Since), 10)))
	}
	if !maySeeDrafts(c) {
		versions = slices.DeleteFunc(versions, func(v plan.Version) bool { return v.Layer.Status != plan.Published })
	}
	if len(versions) == 0 && before == 0 {
		return plan.Errorf(plan.NotFound, "id", "layer %q has no feature %q, and never had", layer, id)
	}
	answers, err := versionAnswers(versions)
	if err != nil {
		return err
	}
	atRevision(c, s.atlas.View().Revision())
	return c.JSON(http.StatusOK, map[string]any{"versions": answers, "links": links})
}

// versionAnswers gives the versions, newest first.
func versionAnswers(versions []plan.Version) ([]versionAnswer, error) {
	answers := make([]versionAnswer, 0, len(versions))
	for _, v := range slices.Backward(versions) {
		feature, err := ogc.NewEncoder(v.Layer, geo.CRS84).Append(nil, &v.Feature)
		if err != nil {
			return nil, err
		}
		answers = append(answers, versionAnswer{v.Since, v.Until, v.Time, v.Author, v.Kind, v.Note, v.Collisions, feature})
	}
	return answers, nil
}
