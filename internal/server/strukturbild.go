package server

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/export"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// getStrukturbilder lists those that who asks may read.
func (s *Server) getStrukturbilder(c echo.Context) error {
	list, err := s.store.Strukturbilder(c.Request().Context())
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(found *plan.Strukturbild) bool { return !found.IsOpen() && !maySeeDrafts(c) })
	return c.JSON(http.StatusOK, map[string]any{"strukturbilder": list})
}

func (s *Server) getStrukturbild(c echo.Context) error {
	found, err := s.strukturbild(c)
	if err != nil {
		return err
	}
	if notModified(c, etag(found.Revision)) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.JSON(http.StatusOK, found)
}

// strukturbild finds the one of the request, as who asks may read it.
func (s *Server) strukturbild(c echo.Context) (*plan.Strukturbild, error) {
	found, err := s.store.Strukturbild(c.Request().Context(), c.Param("id"))
	if err == nil && !found.IsOpen() && !maySeeDrafts(c) {
		return nil, plan.Errorf(plan.NotFound, "id", "there is no strukturbild %q", c.Param("id"))
	}
	return found, err
}

// newStrukturbild is the body that makes one.
type newStrukturbild struct {
	ID string `json:"id"`
	strukturbildFacts
	From string `json:"from"` // the strukturbild whose elements it begins with
}

// strukturbildFacts are what can be changed of a strukturbild beside its status.
type strukturbildFacts struct {
	Title           plan.Text `json:"title"`
	Description     plan.Text `json:"description"`
	Kommunalforbund string    `json:"kommunalforbund"`
	Owner           string    `json:"owner"`
	Horizon         int       `json:"horizon"`
	Replaces        string    `json:"replaces"`
}

func factsOf(of *plan.Strukturbild) strukturbildFacts {
	return strukturbildFacts{of.Title, of.Description, of.Kommunalforbund, of.Owner, of.Horizon, of.Replaces}
}

func (f strukturbildFacts) give(to *plan.Strukturbild) {
	to.Title, to.Description, to.Kommunalforbund, to.Owner, to.Horizon, to.Replaces = f.Title, f.Description, f.Kommunalforbund, f.Owner, f.Horizon, f.Replaces
}

// postStrukturbild makes a strukturbild with its three layers, in one revision.
func (s *Server) postStrukturbild(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	var asked newStrukturbild
	if err := strictJSON(body, &asked); err != nil {
		return err
	}
	if asked.Owner == "" {
		asked.Owner = principal(c).Name
	}
	made := &plan.Strukturbild{ID: asked.ID, Status: plan.Utkast}
	asked.give(made)
	_, err = s.changeAll(c, plan.ChangeSet{Kind: plan.ChangeStep}, func(view *atlas.View, changes *plan.ChangeSet) error {
		if err := s.checkStrukturbild(c, view, made); err != nil {
			return err
		}
		made.Layers, made.Steps = nil, []plan.StrukturbildStep{{To: plan.Utkast, Author: principal(c).Name, Note: c.QueryParam("note")}}
		for _, definition := range made.Define() {
			change := plan.LayerChange{Layer: definition.ID, Define: &definition}
			if _, err := view.Layer(definition.ID); err == nil {
				return plan.Errorf(plan.Exists, "/id", "there is a layer %q already, so strukturbild %q can't have its own; choose another id", definition.ID, made.ID)
			}
			if err := copyElements(view, asked.From, &change); err != nil {
				return err
			}
			made.Layers, changes.Layers = append(made.Layers, definition.ID), append(changes.Layers, change)
		}
		changes.Strukturbilder = []plan.StrukturbildChange{{Made: made}}
		return nil
	})
	if err != nil {
		return err
	}
	return s.answerStrukturbild(c, http.StatusCreated, made.ID)
}

// checkStrukturbild holds what is said of a strukturbild against what there is.
func (s *Server) checkStrukturbild(c echo.Context, view *atlas.View, made *plan.Strukturbild) error {
	if err := made.Validate(); err != nil {
		return err
	}
	if made.Kommunalforbund != "" {
		if err := isKommunalforbund(view, made.Kommunalforbund); err != nil {
			return err
		}
	}
	if made.Replaces == "" {
		return nil
	}
	_, err := s.store.Strukturbild(c.Request().Context(), made.Replaces)
	if plan.CodeOf(err) == plan.NotFound {
		return plan.Errorf(plan.Invalid, "/replaces", "there is no strukturbild %q to be replaced", made.Replaces)
	}
	return err
}

func isKommunalforbund(view *atlas.View, id string) error {
	layer, err := view.Layer("kommunalforbund")
	if err != nil {
		return err
	}
	if _, found := layer.ByID(id); found {
		return nil
	}
	var known []string
	for slot := range layer.All("") {
		known = append(known, layer.ID(slot))
	}
	return plan.Errorf(plan.Invalid, "/kommunalforbund", "there is no kommunalförbund %q; there are %s, and none means the whole region", id, strings.Join(known, ", "))
}

// copyElements adds the elements of another strukturbild to a new layer.
func copyElements(view *atlas.View, from string, change *plan.LayerChange) error {
	if from == "" {
		return nil
	}
	kind := change.Layer[strings.LastIndex(change.Layer, "_"):]
	source, err := view.Layer(from + kind)
	if err != nil || source.Layer().Strukturbild != from {
		return plan.Errorf(plan.Invalid, "/from", "there is no strukturbild %q to begin with", from)
	}
	var elements plan.List
	for slot := range source.All("") {
		elements = append(elements, source.Feature(slot))
	}
	change.Add = elements
	return nil
}

// patchStrukturbild changes what is said of a strukturbild, and with it the titles of its layers.
func (s *Server) patchStrukturbild(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	err = s.changeStrukturbild(c, func(view *atlas.View, made *plan.Strukturbild) error {
		if made.IsFrozen() {
			return plan.Errorf(plan.Locked, "id", "strukturbild %q is %s and does not change any more; make a new one from it", made.ID, made.Status)
		}
		facts := factsOf(made)
		if err := strictJSON(body, &facts); err != nil {
			return err
		}
		facts.give(made)
		return s.checkStrukturbild(c, view, made)
	})
	if err != nil {
		return err
	}
	return s.answerStrukturbild(c, http.StatusOK, c.Param("id"))
}

// strukturbildStep is the body of a step.
type strukturbildStep struct {
	To       plan.StrukturbildStatus `json:"to"`
	Decision string                  `json:"decision"`
	Note     string                  `json:"note"`
}

// postStrukturbildStep takes a strukturbild to another status. One that is adopted takes the place of the one that it
// replaces, in the same revision.
func (s *Server) postStrukturbildStep(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	var asked strukturbildStep
	if err := strictJSON(body, &asked); err != nil {
		return err
	}
	err = s.changeStrukturbild(c, func(_ *atlas.View, made *plan.Strukturbild) error {
		return made.Step(plan.StrukturbildStep{To: asked.To, Author: principal(c).Name, Decision: asked.Decision, Note: asked.Note})
	})
	if err != nil {
		return err
	}
	return s.answerStrukturbild(c, http.StatusCreated, c.Param("id"))
}

// changeStrukturbild makes a change of the request's strukturbild the next revision.
func (s *Server) changeStrukturbild(c echo.Context, change func(*atlas.View, *plan.Strukturbild) error) error {
	_, err := s.changeAll(c, plan.ChangeSet{Kind: plan.ChangeStep}, func(view *atlas.View, changes *plan.ChangeSet) error {
		changes.Strukturbilder = nil // of an attempt that another writer has overtaken
		made, err := s.strukturbild(c)
		if err != nil {
			return err
		}
		if err := ifMatch(c, made.Revision); err != nil {
			return err
		}
		was := *made
		if err := change(view, made); err != nil || reflect.DeepEqual(&was, made) {
			return err
		}
		if err := define(view, made, changes); err != nil {
			return err
		}
		if made.Status == plan.Antagen && made.Replaces != "" {
			return s.replaceStrukturbild(c, view, made, changes)
		}
		return nil
	})
	return err
}

// replaceStrukturbild takes the one that the adopted one replaces out of force, if it was in force.
func (s *Server) replaceStrukturbild(c echo.Context, view *atlas.View, by *plan.Strukturbild, changes *plan.ChangeSet) error {
	old, err := s.store.Strukturbild(c.Request().Context(), by.Replaces)
	if plan.CodeOf(err) == plan.NotFound || err == nil && old.Status != plan.Antagen {
		return nil
	}
	if err != nil {
		return err
	}
	last := by.Steps[len(by.Steps)-1]
	if err := old.Step(plan.StrukturbildStep{To: plan.Ersatt, Author: last.Author, Decision: last.Decision, Note: "ersatt av " + by.ID}); err != nil {
		return err
	}
	return define(view, old, changes)
}

// define puts a strukturbild, and the definitions that its layers now have, into the change set.
func define(view *atlas.View, made *plan.Strukturbild, changes *plan.ChangeSet) error {
	for _, definition := range made.Define() {
		snapshot, err := view.Layer(definition.ID)
		if err != nil {
			return err
		}
		next := *snapshot.Layer()
		next.Title, next.Owner, next.Status, next.Frozen = definition.Title, definition.Owner, definition.Status, definition.Frozen
		changes.Layers = append(changes.Layers, plan.LayerChange{Layer: definition.ID, Base: snapshot.Revision(), Define: &next})
	}
	changes.Strukturbilder = append(changes.Strukturbilder, plan.StrukturbildChange{Base: made.Revision, Made: made})
	return nil
}

// deleteStrukturbild removes a draft with its layers; what has been shown can only be replaced.
func (s *Server) deleteStrukturbild(c echo.Context) error {
	_, err := s.changeAll(c, plan.ChangeSet{Kind: plan.ChangeStep}, func(view *atlas.View, changes *plan.ChangeSet) error {
		found, err := s.strukturbild(c)
		if err != nil {
			return err
		}
		if err := ifMatch(c, found.Revision); err != nil {
			return err
		}
		if found.Status != plan.Utkast {
			return plan.Errorf(plan.Invalid, "id", "strukturbild %q is %s; only an utkast can be deleted", found.ID, found.Status)
		}
		for _, id := range found.Layers {
			snapshot, err := view.Layer(id)
			if err != nil {
				return err
			}
			change := plan.LayerChange{Layer: id, Base: snapshot.Revision(), Drop: true}
			for slot := range snapshot.All("") {
				change.Remove = append(change.Remove, snapshot.ID(slot))
			}
			changes.Layers = append(changes.Layers, change)
		}
		changes.Strukturbilder = []plan.StrukturbildChange{{Base: found.Revision, Made: found, Drop: true}}
		return nil
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) answerStrukturbild(c echo.Context, status int, id string) error {
	found, err := s.store.Strukturbild(c.Request().Context(), id)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", etag(found.Revision))
	if status == http.StatusCreated {
		c.Response().Header().Set(echo.HeaderLocation, s.base(c)+api+"/strukturbilder/"+id)
	}
	return c.JSON(status, found)
}

// getStrukturbildExport answers with the elements as a GeoPackage in the shape of ÖP-modell's Utvecklingsinriktning; an
// adopted one as it was adopted, unless a revision is asked for.
func (s *Server) getStrukturbildExport(c echo.Context) error {
	found, err := s.strukturbild(c)
	if err != nil {
		return err
	}
	at, err := s.asOf(c)
	if err != nil {
		return err
	}
	s.showing(c, at)
	file := export.File{CRS: geo.House}
	if file.Format, err = export.FormatNamed("gpkg"); err != nil {
		return err
	}
	for _, id := range found.Layers {
		snapshot, err := s.layerAt(c, id, at)
		if err != nil {
			return err
		}
		page, err := snapshot.Find(plan.Query{Layer: id, Limit: snapshot.Len()})
		if err != nil {
			return err
		}
		file.Layers = append(file.Layers, export.Layer{Name: "utvecklingsinriktning" + strings.TrimPrefix(id, found.ID), Definition: snapshot.Layer(), Features: page.Features(), Count: len(page.Slots)})
	}
	file.Layers = append(file.Layers, planTable(found))
	c.Response().Header().Set(echo.HeaderContentType, file.Format.MediaType)
	return s.export(c, file, fmt.Sprintf("%s-r%d.gpkg", found.ID, found.Revision))
}

// planTable tells of the strukturbild itself, one row a step.
func planTable(of *plan.Strukturbild) export.Layer {
	text := func(name string) plan.Attribute { return plan.Attribute{Name: name, Type: plan.String} }
	definition := &plan.Layer{ID: "strukturbild", GeometryType: plan.None, Attributes: []plan.Attribute{text("strukturbild"), text("titel"), text("kommunalforbund"), text("agare"),
		{Name: "horisont", Type: plan.Integer}, text("status"), text("beslut"), text("av"), {Name: "tid", Type: plan.DateTime}, {Name: "revision", Type: plan.Integer}, text("anmarkning")}}
	var rows []*plan.Feature
	for i, step := range of.Steps {
		rows = append(rows, &plan.Feature{ID: fmt.Sprint(i + 1), Values: []plan.Value{plan.TextValue(of.ID), plan.TextValue(of.Title.SV), plan.TextValue(of.Kommunalforbund), plan.TextValue(of.Owner),
			plan.IntegerValue(int64(of.Horizon)), plan.TextValue(string(step.To)), plan.TextValue(step.Decision), plan.TextValue(step.Author),
			plan.DateTimeValue(step.Time.UnixMicro()), plan.IntegerValue(int64(step.Revision)), plan.TextValue(step.Note)}})
	}
	return export.Layer{Name: definition.ID, Definition: definition, Features: slices.Values(rows), Count: len(rows)}
}
