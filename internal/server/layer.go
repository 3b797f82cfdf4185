package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// layerAnswer is a layer as REST shows it: its definition and what is in it.
type layerAnswer struct {
	*plan.Layer
	LicenceURI string                `json:"licence_uri,omitempty"`
	Features   int                   `json:"features"`
	BBox       *[4]float64           `json:"bbox"` // CRS84: west, south, east, north; null when there is nothing
	Revisions  []plan.RevisionRecord `json:"revisions,omitempty"`
}

// lineageRevisions is how many revisions a layer shows of itself.
const lineageRevisions = 20

func describeLayer(s *atlas.Snapshot) layerAnswer {
	answer := layerAnswer{Layer: s.Layer(), LicenceURI: s.Layer().LicenceAddress(), Features: s.Len()}
	if b := worldBox(s); !b.IsEmpty() {
		answer.BBox = &[4]float64{b.MinX, b.MinY, b.MaxX, b.MaxY}
	}
	return answer
}

// worldBox gives the bounds of the layer in CRS84; an empty box when there is nothing.
func worldBox(s *atlas.Snapshot) plan.Box {
	if box := s.Extent(); !box.IsEmpty() {
		if b, err := geo.TransformBox(box, geo.House, geo.CRS84); err == nil {
			return b
		}
	}
	return plan.EmptyBox
}

// layersPage is how many layers a page has when the request does not say.
const layersPage = 1000

func (s *Server) getLayers(c echo.Context) error {
	limit, links := layersPage, []map[string]string{}
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		limit = n
	}
	answers := []layerAnswer{}
	for _, snapshot := range view.Snapshots() {
		if snapshot.Layer().ID <= c.QueryParam("cursor") {
			continue
		}
		if len(answers) == limit {
			links = append(links, s.nextLink(c, "cursor", answers[limit-1].ID))
			break
		}
		answers = append(answers, describeLayer(snapshot))
	}
	return c.JSON(http.StatusOK, map[string]any{"layers": answers, "links": links})
}

func (s *Server) getLayer(c echo.Context) error {
	snapshot, err := s.snapshot(c)
	if err != nil {
		return err
	}
	if notModified(c, layerTag(snapshot)) {
		return c.NoContent(http.StatusNotModified)
	}
	answer := describeLayer(snapshot)
	answer.Revisions = s.lineage(c, snapshot)
	return c.JSON(http.StatusOK, answer)
}

// lineage tells which revisions made the layer what it is. That is history, which the database has: while it is away
// the layer is described without.
func (s *Server) lineage(c echo.Context, snapshot *atlas.Snapshot) []plan.RevisionRecord {
	if s.reachable() != nil {
		return nil
	}
	records, err := s.store.Revisions(c.Request().Context(), store.RevisionQuery{Layer: snapshot.Layer().ID, Before: snapshot.Revision() + 1,
		Limit: lineageRevisions, Visible: s.visible(c)})
	if err != nil {
		s.log.Warn("the lineage of a layer could not be read", "layer", snapshot.Layer().ID, "error", err)
	}
	return records
}

func (s *Server) postLayer(c echo.Context) error {
	layer, err := decodeLayer(c, plan.Layer{Status: plan.Draft, Attributes: []plan.Attribute{}})
	if err != nil {
		return err
	}
	if layer.Owner == "" {
		layer.Owner = principal(c).Name
	}
	_, err = s.change(c, plan.ChangeLayer, func(view *atlas.View) (*plan.LayerChange, error) {
		if _, err := view.Layer(layer.ID); err == nil {
			return nil, plan.Errorf(plan.Exists, "id", "there is a layer %q already", layer.ID)
		}
		return &plan.LayerChange{Layer: layer.ID, Define: layer}, nil
	})
	if err != nil {
		return err
	}
	return s.answerLayer(c, http.StatusCreated, layer.ID)
}

func (s *Server) patchLayer(c echo.Context) error {
	id := c.Param("layer")
	body, err := readBody(c)
	if err != nil {
		return err
	}
	_, err = s.change(c, plan.ChangeLayer, func(view *atlas.View) (*plan.LayerChange, error) {
		snapshot, err := view.Layer(id)
		if err != nil {
			return nil, err
		}
		if err := ifMatch(c, snapshot.Revision()); err != nil {
			return nil, err
		}
		layer, err := patched(snapshot, body)
		if err != nil || reflect.DeepEqual(layer, snapshot.Layer()) {
			return nil, err
		}
		return &plan.LayerChange{Layer: id, Base: snapshot.Revision(), Define: layer}, nil
	})
	if err != nil {
		return err
	}
	return s.answerLayer(c, http.StatusOK, id)
}

// patched gives the layer's definition with the members of the body in place of the old ones.
func patched(snapshot *atlas.Snapshot, body []byte) (*plan.Layer, error) {
	old := snapshot.Layer()
	layer := *old
	if err := renew(&layer, body); err != nil {
		return nil, err
	}
	if err := strictJSON(body, &layer); err != nil {
		return nil, err
	}
	layer.ID, layer.BuiltIn, layer.Revision, layer.NextID, layer.Changed = old.ID, old.BuiltIn, old.Revision, old.NextID, old.Changed
	layer.Strukturbild, layer.Frozen = old.Strukturbild, old.Frozen
	if err := layer.Validate(); err != nil {
		return nil, err
	}
	if layer.GeometryType != old.GeometryType && snapshot.Len() > 0 {
		return nil, plan.Errorf(plan.Invalid, "/geometry_type", "layer %q has features, so its geometry type can't change", old.ID)
	}
	for i, a := range layer.Attributes {
		was := old.Attribute(a.Name)
		if snapshot.Len() == 0 || (was >= 0 && old.Attributes[was].Type == a.Type) {
			continue
		}
		if was >= 0 || a.Required {
			return nil, plan.Errorf(plan.Invalid, fmt.Sprintf("/attributes/%d", i),
				"layer %q has features: attribute %q can't change its type, and a new attribute can't be required", old.ID, a.Name)
		}
	}
	return &layer, nil
}

// renew empties the lists and groups that the body gives: they are replaced as a whole, not mixed with the old ones.
func renew(layer *plan.Layer, body []byte) error {
	var given map[string]json.RawMessage
	if err := strictJSON(body, &given); err != nil {
		return err
	}
	for member, empty := range map[string]func(){
		"attributes": func() { layer.Attributes = nil },
		"keywords":   func() { layer.Keywords = nil },
		"vintage":    func() { layer.Vintage = plan.Period{} },
		"contact":    func() { layer.Contact = plan.Contact{} },
		"lineage":    func() { layer.Lineage = plan.Text{} },
	} {
		if _, found := given[member]; found {
			empty()
		}
	}
	return nil
}

func (s *Server) deleteLayer(c echo.Context) error {
	id := c.Param("layer")
	_, err := s.change(c, plan.ChangeLayer, func(view *atlas.View) (*plan.LayerChange, error) {
		snapshot, err := view.Layer(id)
		if err != nil {
			return nil, err
		}
		if snapshot.Layer().BuiltIn {
			return nil, plan.Errorf(plan.Invalid, id, "layer %q is built in and can't be deleted; its features can", id)
		}
		if err := ifMatch(c, snapshot.Revision()); err != nil {
			return nil, err
		}
		change := plan.LayerChange{Layer: id, Base: snapshot.Revision(), Drop: true}
		for slot := range snapshot.All("") {
			change.Remove = append(change.Remove, snapshot.ID(slot))
		}
		return &change, nil
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) answerLayer(c echo.Context, status int, id string) error {
	snapshot, err := s.view(c).Layer(id)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", etag(snapshot.Revision()))
	if status == http.StatusCreated {
		c.Response().Header().Set(echo.HeaderLocation, s.base(c)+api+"/layers/"+id)
	}
	return c.JSON(status, describeLayer(snapshot))
}

// decodeLayer reads a definition over the defaults.
func decodeLayer(c echo.Context, layer plan.Layer) (*plan.Layer, error) {
	body, err := readBody(c)
	if err != nil {
		return nil, err
	}
	if err := strictJSON(body, &layer); err != nil {
		return nil, err
	}
	layer.BuiltIn, layer.Revision, layer.Strukturbild, layer.Frozen = false, 0, "", false
	return &layer, layer.Validate()
}

// strictJSON decodes and refuses members that mean nothing here.
func strictJSON(body []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return plan.Errorf(plan.Invalid, "body", "the body can't be read at byte %d: %w", decoder.InputOffset(), err)
	}
	return nil
}
