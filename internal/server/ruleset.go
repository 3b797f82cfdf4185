package server

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// conflicts gives the engine of the version that the query names: the current one when it names none. A draft needs a
// token.
func (s *Server) conflicts(c echo.Context) (*conflict.Engine, error) {
	return s.byVersion(c, c.QueryParam("ruleset"), c.QueryParam("version"))
}

func (s *Server) byVersion(c echo.Context, id, number string) (*conflict.Engine, error) {
	current := s.rules.Current()
	if id == "" {
		id = current.ID
	}
	if number == "" && id == current.ID {
		return s.engine.By(current), nil
	}
	version, _ := strconv.Atoi(number) // the contract has checked it
	if number == "" {
		var err error
		if version, err = s.newest(c, id); err != nil {
			return nil, err
		}
	}
	record, err := s.version(c, plan.RulesetRef{ID: id, Version: version})
	if err != nil {
		return nil, err
	}
	return s.engine.By(record.Ruleset), nil
}

// newest gives the version of the ruleset that was published last.
func (s *Server) newest(c echo.Context, id string) (int, error) {
	records, err := s.store.Rulesets(c.Request().Context())
	if err != nil {
		return 0, err
	}
	for _, r := range records {
		if r.Ruleset.ID == id && r.State == plan.Published {
			return r.Ruleset.Version, nil
		}
	}
	return 0, plan.Errorf(plan.NotFound, "ruleset", "there is no ruleset %q", id)
}

// version finds a version for who asks. That there is a draft, nobody hears who may not see it.
func (s *Server) version(c echo.Context, ref plan.RulesetRef) (*plan.RulesetRecord, error) {
	record, err := s.rules.Version(c.Request().Context(), ref)
	if err == nil && record.State != plan.Published && !principal(c).Role.Allows(plan.Viewer) {
		return nil, plan.Errorf(plan.NotFound, "version", "there is no published ruleset %q with a version %d", ref.ID, ref.Version)
	}
	return record, err
}

// addressed gives the version that the address names.
func (s *Server) addressed(c echo.Context) (*plan.RulesetRecord, error) {
	version, err := strconv.Atoi(c.Param("version"))
	if err != nil {
		return nil, plan.Errorf(plan.NotFound, "version", "there is no version %q; versions are numbers", c.Param("version"))
	}
	return s.version(c, plan.RulesetRef{ID: c.Param("id"), Version: version})
}

// rulesetVersion is one line of the list of versions.
type rulesetVersion struct {
	plan.RulesetRef
	State       plan.Status `json:"state"`
	Current     bool        `json:"current"`
	Title       plan.Text   `json:"title"`
	Note        plan.Text   `json:"note"`
	Author      string      `json:"author"`
	Date        string      `json:"date"`
	Edit        int64       `json:"edit"`
	Created     string      `json:"created"`
	Changed     string      `json:"changed"`
	ChangedBy   string      `json:"changed_by"`
	Published   string      `json:"published,omitempty"`
	PublishedBy string      `json:"published_by,omitempty"`
}

func (s *Server) lineOf(r *plan.RulesetRecord) rulesetVersion {
	const instant = "2006-01-02T15:04:05Z"
	line := rulesetVersion{RulesetRef: r.Ruleset.Ref(), State: r.State, Current: s.rules.Current().Ref() == r.Ruleset.Ref(),
		Title: r.Ruleset.Title, Note: r.Ruleset.Note, Author: r.Ruleset.Author, Date: r.Ruleset.Date, Edit: r.Edit,
		Created: r.Created.UTC().Format(instant), Changed: r.Changed.UTC().Format(instant), ChangedBy: r.ChangedBy, PublishedBy: r.PublishedBy}
	if !r.Published.IsZero() {
		line.Published = r.Published.UTC().Format(instant)
	}
	return line
}

// getRulesets gives the current version in full, and for every other ruleset the one that was published last.
func (s *Server) getRulesets(c echo.Context) error {
	if err := s.rules.Sync(c.Request().Context()); err != nil {
		return err
	}
	records, err := s.store.Rulesets(c.Request().Context())
	if err != nil {
		return err
	}
	current := s.rules.Current()
	list, seen := []*plan.Ruleset{current}, map[string]bool{current.ID: true}
	for _, r := range records {
		if r.State == plan.Published && !seen[r.Ruleset.ID] {
			seen[r.Ruleset.ID] = true
			list = append(list, r.Ruleset)
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"current": current.Ref(), "rulesets": list})
}

// getRuleset gives the current version of the ruleset, or the one that was published last.
func (s *Server) getRuleset(c echo.Context) error {
	if err := s.rules.Sync(c.Request().Context()); err != nil {
		return err
	}
	if current := s.rules.Current(); current.ID == c.Param("id") {
		return writeRuleset(c, current)
	}
	version, err := s.newest(c, c.Param("id"))
	if err != nil {
		return err
	}
	record, err := s.version(c, plan.RulesetRef{ID: c.Param("id"), Version: version})
	if err != nil {
		return err
	}
	return writeRuleset(c, record.Ruleset)
}

func (s *Server) getRulesetVersions(c echo.Context) error {
	if err := s.rules.Sync(c.Request().Context()); err != nil {
		return err
	}
	records, err := s.store.Rulesets(c.Request().Context())
	if err != nil {
		return err
	}
	lines := []rulesetVersion{}
	for i := range records {
		r := &records[i]
		if r.Ruleset.ID == c.Param("id") && (r.State == plan.Published || principal(c).Role.Allows(plan.Viewer)) {
			lines = append(lines, s.lineOf(r))
		}
	}
	if len(lines) == 0 {
		return plan.Errorf(plan.NotFound, "id", "there is no ruleset %q", c.Param("id"))
	}
	return c.JSON(http.StatusOK, map[string]any{"current": s.rules.Current().Ref(), "versions": lines})
}

func (s *Server) getRulesetVersion(c echo.Context) error {
	record, err := s.addressed(c)
	if err != nil {
		return err
	}
	tagEdit(c, record)
	return writeRuleset(c, record.Ruleset)
}

// tagEdit names the version and the edit of a draft, for If-Match.
func tagEdit(c echo.Context, record *plan.RulesetRecord) {
	c.Response().Header().Set("ETag", etag(plan.Revision(record.Edit)))
}

// writeRuleset answers in the form that the query asks for.
func writeRuleset(c echo.Context, r *plan.Ruleset) error {
	var body bytes.Buffer
	switch c.QueryParam("f") {
	case "yaml":
		if err := conflict.WriteRuleset(&body, r); err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "application/yaml", body.Bytes())
	case "csv":
		if err := conflict.WriteTable(&body, r, c.QueryParam("table")); err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", body.Bytes())
	}
	return c.JSON(http.StatusOK, r)
}

func (s *Server) getRulesetDiff(c echo.Context) error {
	from, err := s.addressed(c)
	if err != nil {
		return err
	}
	to := s.rules.Current()
	if number := c.QueryParam("to"); number != "" {
		version, _ := strconv.Atoi(number) // the contract has checked it
		record, err := s.version(c, plan.RulesetRef{ID: c.Param("id"), Version: version})
		if err != nil {
			return err
		}
		to = record.Ruleset
	}
	return c.JSON(http.StatusOK, map[string]any{"from": from.Ruleset.Ref(), "to": to.Ref(), "changes": conflict.Difference(from.Ruleset, to)})
}
