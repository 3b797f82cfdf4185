package server

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/ingest"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// snapshot finds the layer, stored or derived, for who asks, as it was at the revision or instant of the query string when there is one.
func (s *Server) snapshot(c echo.Context) (*atlas.Snapshot, error) {
	at, err := s.asOf(c)
	if err != nil {
		return nil, err
	}
	s.showing(c, at)
	return s.layerAt(c, c.Param("layer"), at)
}

// featureIn finds one feature of the snapshot.
func featureIn(snapshot *atlas.Snapshot, id string) (atlas.Slot, error) {
	if unescaped, err := url.PathUnescape(id); err == nil {
		id = unescaped
	}
	slot, found := snapshot.ByID(id)
	if !found {
		return 0, plan.Errorf(plan.NotFound, "id", "layer %q has no feature %q", snapshot.Layer().ID, id)
	}
	return slot, nil
}

func (s *Server) postFeature(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	applied, err := s.change(c, plan.ChangeEdit, func(view *atlas.View) (*plan.LayerChange, error) {
		snapshot, err := view.Layer(c.Param("layer"))
		if err != nil {
			return nil, err
		}
		feature, err := ingest.DecodeFeature(body, s.editOptions(c, snapshot))
		if err != nil {
			return nil, err
		}
		compared, err := snapshot.Compare(plan.List{feature}, plan.UploadAppend)
		if err != nil {
			return nil, err
		}
		return &compared.Change, nil
	})
	if err != nil {
		return err
	}
	id := string(applied.Result)
	c.Response().Header().Set(echo.HeaderLocation, s.base(c)+api+"/layers/"+c.Param("layer")+"/features/"+url.PathEscape(id))
	return s.answerFeature(c, http.StatusCreated, id)
}

func (s *Server) putFeature(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	return s.edit(c, func(snapshot *atlas.Snapshot, _ atlas.Slot) (plan.Feature, error) {
		return ingest.DecodeFeature(body, s.editOptions(c, snapshot))
	})
}

// patchFeature takes a JSON merge patch (RFC 7396) of the feature.
func (s *Server) patchFeature(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	return s.edit(c, func(snapshot *atlas.Snapshot, slot atlas.Slot) (plan.Feature, error) {
		patch, err := ingest.DecodePatch(body, s.editOptions(c, snapshot))
		if err != nil {
			return plan.Feature{}, err
		}
		return patch.Apply(snapshot.Feature(slot)), nil
	})
}

// edit replaces one feature by what become gives.
func (s *Server) edit(c echo.Context, become func(*atlas.Snapshot, atlas.Slot) (plan.Feature, error)) error {
	_, err := s.change(c, plan.ChangeEdit, func(view *atlas.View) (*plan.LayerChange, error) {
		snapshot, slot, err := s.target(c, view)
		if err != nil {
			return nil, err
		}
		feature, err := become(snapshot, slot)
		if err != nil {
			return nil, err
		}
		if feature.ID != "" && feature.ID != snapshot.ID(slot) {
			return nil, plan.Errorf(plan.Invalid, "id", "the body has the id %q, the address %q; a feature keeps its id", feature.ID, snapshot.ID(slot))
		}
		feature.ID = snapshot.ID(slot)
		compared, err := snapshot.Compare(plan.List{feature}, plan.UploadUpsert)
		if err != nil || compared.IsEmpty() {
			return nil, err
		}
		return &compared.Change, nil
	})
	if err != nil {
		return err
	}
	return s.answerFeature(c, http.StatusOK, c.Param("id"))
}

// target finds the feature that the address names, and holds If-Match against it.
func (s *Server) target(c echo.Context, view *atlas.View) (*atlas.Snapshot, atlas.Slot, error) {
	snapshot, err := view.Layer(c.Param("layer"))
	if err != nil {
		return nil, 0, err
	}
	slot, err := featureIn(snapshot, c.Param("id"))
	if err != nil {
		return nil, 0, err
	}
	return snapshot, slot, ifMatch(c, snapshot.Since(slot))
}

func (s *Server) deleteFeature(c echo.Context) error {
	_, err := s.change(c, plan.ChangeEdit, func(view *atlas.View) (*plan.LayerChange, error) {
		snapshot, slot, err := s.target(c, view)
		if err != nil {
			return nil, err
		}
		return &plan.LayerChange{Layer: snapshot.Layer().ID, Base: snapshot.Revision(), Remove: []string{snapshot.ID(slot)}}, nil
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// editOptions says how the body of a single-feature edit is read.
func (s *Server) editOptions(c echo.Context, snapshot *atlas.Snapshot) ingest.Options {
	return ingest.Options{Layer: snapshot.Layer(), CRS: c.QueryParam("crs")}
}

// answerFeature writes the feature as it is after an edit.
func (s *Server) answerFeature(c echo.Context, status int, id string) error {
	snapshot, err := s.atlas.View().Layer(c.Param("layer"))
	if err != nil {
		return err
	}
	slot, err := featureIn(snapshot, id)
	if err != nil {
		return err
	}
	return s.writeFeature(c, status, snapshot, slot, geo.CRS84)
}

func (s *Server) writeFeature(c echo.Context, status int, snapshot *atlas.Snapshot, slot atlas.Slot, crs geo.CRS) error {
	feature := snapshot.Feature(slot)
	body, err := ogc.NewEncoder(snapshot.Layer(), crs).Append(nil, &feature)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", featureTag(snapshot, slot))
	c.Response().Header().Set("Content-Crs", ogc.ContentCRS(crs))
	return c.Blob(status, ogc.MediaGeoJSON, body)
}
