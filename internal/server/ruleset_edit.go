package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// postRulesetVersion makes a draft: of the body, or a copy of another version.
func (s *Server) postRulesetVersion(c echo.Context) error {
	if err := s.rules.Sync(c.Request().Context()); err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	draft, err := s.draftOf(c, body)
	if err != nil {
		return err
	}
	draft.ID, draft.Version = c.Param("id"), 0
	if !plan.Named.MatchString(draft.ID) || len(draft.ID) > plan.MaxName {
		return plan.Errorf(plan.Invalid, "id", "the ruleset's id %q must match %s and have at most %d characters", draft.ID, plan.Named, plan.MaxName)
	}
	record, err := s.store.DraftRuleset(c.Request().Context(), draft, principal(c).Name)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, s.base(c)+api+"/rulesets/"+draft.ID+"/versions/"+strconv.Itoa(record.Ruleset.Version))
	tagEdit(c, record)
	return c.JSON(http.StatusCreated, s.lineOf(record))
}

func (s *Server) draftOf(c echo.Context, body []byte) (*plan.Ruleset, error) {
	if len(bytes.TrimSpace(body)) > 0 {
		return conflict.ReadRuleset(bytes.NewReader(body))
	}
	from := s.rules.Current()
	if number := c.QueryParam("from"); number != "" || from.ID != c.Param("id") {
		version, _ := strconv.Atoi(number) // the contract has checked it
		if number == "" {
			var err error
			if version, err = s.newest(c, c.Param("id")); err != nil {
				return nil, err
			}
		}
		record, err := s.version(c, plan.RulesetRef{ID: c.Param("id"), Version: version})
		if err != nil {
			return nil, err
		}
		from = record.Ruleset
	}
	draft, err := copyOf(from)
	if err == nil {
		draft.Author, draft.Date = principal(c).Name, today()
		draft.Note = cmp.Or(plan.Text{SV: c.QueryParam("note"), EN: c.QueryParam("note")}, draft.Note)
	}
	return draft, err
}

// copyOf gives a copy that can be written to.
func copyOf(r *plan.Ruleset) (*plan.Ruleset, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	copied := new(plan.Ruleset)
	return copied, json.Unmarshal(text, copied)
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }

// draft finds the draft that the address names, and holds If-Match against it.
func (s *Server) draft(c echo.Context) (*plan.RulesetRecord, error) {
	record, err := s.addressed(c)
	if err != nil {
		return nil, err
	}
	if record.State == plan.Published {
		return nil, plan.Errorf(plan.Exists, "version", "ruleset %q version %d is published and never changes; make a new draft from it", record.Ruleset.ID, record.Ruleset.Version)
	}
	return record, ifMatch(c, plan.Revision(record.Edit))
}

// editDraft replaces the draft by what change makes of a copy of it.
func (s *Server) editDraft(c echo.Context, change func(*plan.Ruleset, []byte) (*plan.Ruleset, error)) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	record, err := s.draft(c)
	if err != nil {
		return err
	}
	ref := record.Ruleset.Ref()
	draft, err := copyOf(record.Ruleset)
	if err == nil {
		draft, err = change(draft, body)
	}
	if err != nil {
		return err
	}
	draft.ID, draft.Version = ref.ID, ref.Version
	record, err = s.store.EditRuleset(c.Request().Context(), draft, record.Edit, principal(c).Name)
	if err != nil {
		return err
	}
	tagEdit(c, record)
	return c.JSON(http.StatusOK, record.Ruleset)
}

// putRulesetVersion replaces the draft's content by YAML or JSON, or one of its tables by CSV.
func (s *Server) putRulesetVersion(c echo.Context) error {
	return s.editDraft(c, func(draft *plan.Ruleset, body []byte) (*plan.Ruleset, error) {
		if strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), "text/csv") {
			return draft, conflict.ReadTable(bytes.NewReader(body), draft, c.QueryParam("table"), principal(c).Name, today())
		}
		return conflict.ReadRuleset(bytes.NewReader(body))
	})
}

// rulesetPatch names what changes; rules, categories, goals, preferences, pressures and values replace those of the
// same id, cells and sensitivities those of the same pair.
type rulesetPatch struct {
	Title       *plan.Text        `json:"title"`
	Note        *plan.Text        `json:"note"`
	Author      *string           `json:"author"`
	Date        *string           `json:"date"`
	Sliver      *plan.Sliver      `json:"sliver"`
	Closeness   *plan.Closeness   `json:"closeness"`
	Precedence  []plan.Precedence `json:"precedence"`
	Categories  []plan.Category   `json:"categories"`
	Matrix      []plan.Cell       `json:"matrix"`
	Rules       []plan.Rule       `json:"rules"`
	Goals       []plan.Goal       `json:"goals"`
	RemoveRules []string          `json:"remove_rules"`
	RemoveGoals []string          `json:"remove_goals"`
	Lucis       []plan.Preference `json:"lucis"`
	RemoveLucis []string          `json:"remove_lucis"`
	Symphony    *plan.Symphony    `json:"symphony"`
}

func (s *Server) patchRulesetVersion(c echo.Context) error {
	return s.editDraft(c, func(draft *plan.Ruleset, body []byte) (*plan.Ruleset, error) {
		var patch rulesetPatch
		if err := strictJSON(body, &patch); err != nil {
			return nil, err
		}
		for _, id := range patch.RemoveRules {
			if !slices.ContainsFunc(draft.Rules, func(r plan.Rule) bool { return r.ID == id }) {
				return nil, plan.Errorf(plan.Invalid, "/remove_rules", "the draft has no rule %q", id)
			}
		}
		for _, id := range patch.RemoveGoals {
			if !slices.ContainsFunc(draft.Goals, func(g plan.Goal) bool { return g.ID == id }) {
				return nil, plan.Errorf(plan.Invalid, "/remove_goals", "the draft has no goal %q", id)
			}
		}
		for _, id := range patch.RemoveLucis {
			if !slices.ContainsFunc(draft.Lucis, func(p plan.Preference) bool { return p.ID == id }) {
				return nil, plan.Errorf(plan.Invalid, "/remove_lucis", "the draft has no preference %q", id)
			}
		}
		patch.apply(draft, plan.Provenance{Status: plan.Proposal, Author: principal(c).Name, Date: today(), Confidence: plan.Low})
		return draft, nil
	})
}

// apply changes the draft. What is said of who, when and how sure is taken from fresh where the patch is silent.
func (p *rulesetPatch) apply(draft *plan.Ruleset, fresh plan.Provenance) {
	draft.Title, draft.Note, draft.Sliver = given(p.Title, draft.Title), given(p.Note, draft.Note), given(p.Sliver, draft.Sliver)
	draft.Author, draft.Date = given(p.Author, draft.Author), given(p.Date, draft.Date)
	if p.Precedence != nil {
		draft.Precedence = p.Precedence
	}
	if p.Closeness != nil {
		draft.Closeness = p.Closeness
	}
	for i := range p.Matrix {
		p.Matrix[i].Provenance = signed(p.Matrix[i].Provenance, fresh)
	}
	for i := range p.Rules {
		p.Rules[i].Provenance = signed(p.Rules[i].Provenance, fresh)
	}
	for i := range p.Goals {
		p.Goals[i].Provenance = signed(p.Goals[i].Provenance, fresh)
	}
	p.applyMarks(draft, fresh)
	draft.Goals = merged(draft.Goals, p.Goals, func(g plan.Goal) string { return g.ID })
	draft.Goals = slices.DeleteFunc(draft.Goals, func(g plan.Goal) bool { return slices.Contains(p.RemoveGoals, g.ID) })
	draft.Categories = merged(draft.Categories, p.Categories, func(k plan.Category) string { return k.ID })
	draft.Matrix = merged(draft.Matrix, p.Matrix, func(k plan.Cell) string { return k.Claim + "/" + k.Interest })
	draft.Rules = merged(draft.Rules, p.Rules, func(r plan.Rule) string { return r.ID })
	draft.Rules = slices.DeleteFunc(draft.Rules, func(r plan.Rule) bool { return slices.Contains(p.RemoveRules, r.ID) })
}

// applyMarks changes the preferences, and the pressures, values, sensitivities and classes of the sum.
func (p *rulesetPatch) applyMarks(draft *plan.Ruleset, fresh plan.Provenance) {
	for i := range p.Lucis {
		p.Lucis[i].Provenance = signed(p.Lucis[i].Provenance, fresh)
	}
	draft.Lucis = merged(draft.Lucis, p.Lucis, func(k plan.Preference) string { return k.ID })
	draft.Lucis = slices.DeleteFunc(draft.Lucis, func(k plan.Preference) bool { return slices.Contains(p.RemoveLucis, k.ID) })
	if p.Symphony == nil {
		return
	}
	if draft.Symphony == nil {
		draft.Symphony = &plan.Symphony{}
	}
	for _, list := range [][]plan.Component{p.Symphony.Pressures, p.Symphony.Values} {
		for i := range list {
			list[i].Provenance = signed(list[i].Provenance, fresh)
		}
	}
	for i := range p.Symphony.Sensitivity {
		p.Symphony.Sensitivity[i].Provenance = signed(p.Symphony.Sensitivity[i].Provenance, fresh)
	}
	to, component := draft.Symphony, func(k plan.Component) string { return k.ID }
	to.Pressures, to.Values = merged(to.Pressures, p.Symphony.Pressures, component), merged(to.Values, p.Symphony.Values, component)
	to.Sensitivity = merged(to.Sensitivity, p.Symphony.Sensitivity, func(k plan.Sensitivity) string { return k.Pressure + "/" + k.Value })
	if p.Symphony.Classes != nil {
		to.Classes = p.Symphony.Classes
	}
}

func signed(p, fresh plan.Provenance) plan.Provenance {
	p.Status, p.Author = cmp.Or(p.Status, fresh.Status), cmp.Or(p.Author, fresh.Author)
	p.Date, p.Confidence = cmp.Or(p.Date, fresh.Date), cmp.Or(p.Confidence, fresh.Confidence)
	return p
}

func given[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

// merged replaces the entries of the same key and appends the others.
func merged[T any](list, changes []T, key func(T) string) []T {
	for _, change := range changes {
		if i := slices.IndexFunc(list, func(t T) bool { return key(t) == key(change) }); i >= 0 {
			list[i] = change
		} else {
			list = append(list, change)
		}
	}
	return list
}

func (s *Server) deleteRulesetVersion(c echo.Context) error {
	record, err := s.draft(c)
	if err != nil {
		return err
	}
	if err := s.store.DiscardRuleset(c.Request().Context(), record.Ruleset.Ref(), record.Edit); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// postRulesetValidate tells all faults of a version at once, and changes nothing.
func (s *Server) postRulesetValidate(c echo.Context) error {
	record, err := s.addressed(c)
	if err != nil {
		return err
	}
	if err := conflict.Check(record.Ruleset, s.view(c)); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"valid": true, "ruleset": record.Ruleset.Ref()})
}

// postRulesetPublish makes a draft without faults a published version: the current one, unless that is not wanted.
func (s *Server) postRulesetPublish(c echo.Context) error {
	record, err := s.draft(c)
	if err != nil {
		return err
	}
	if err := conflict.Check(record.Ruleset, s.atlas.View()); err != nil {
		return err
	}
	current := c.QueryParam("current") != "false"
	record, err = s.store.PublishRuleset(c.Request().Context(), record.Ruleset.Ref(), record.Edit, principal(c).Name, current)
	if err != nil {
		return err
	}
	if err := s.rules.Sync(c.Request().Context()); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.lineOf(record))
}

// postRulesetCurrent makes a published version the one that counts.
func (s *Server) postRulesetCurrent(c echo.Context) error {
	record, err := s.addressed(c)
	if err != nil {
		return err
	}
	if err := s.store.ChooseRuleset(c.Request().Context(), record.Ruleset.Ref()); err != nil {
		return err
	}
	if err := s.rules.Sync(c.Request().Context()); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.lineOf(record))
}

// postRulesetPreview tells what would change if the version were the current one.
func (s *Server) postRulesetPreview(c echo.Context) error {
	record, err := s.addressed(c)
	if err != nil {
		return err
	}
	preview, err := s.engine.By(s.rules.Current()).Preview(c.Request().Context(), s.view(c), record.Ruleset)
	if err != nil {
		return err
	}
	atRevision(c, preview.Revision)
	return c.JSON(http.StatusOK, preview)
}
