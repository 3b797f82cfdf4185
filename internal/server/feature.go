package server

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
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
