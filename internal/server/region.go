package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
)

// The region's own division, as plain JSON: what a program needs to fill a list of municipalities. The shapes are in
// the layers of the same names.

func (s *Server) getKommuner(c echo.Context) error { return s.listRegion(c, "kommun", "kommuner") }

func (s *Server) getKommun(c echo.Context) error {
	return s.oneRegion(c, "kommun", c.Param("kommunkod"))
}

func (s *Server) getKommunalforbunds(c echo.Context) error {
	return s.listRegion(c, "kommunalforbund", "kommunalforbund")
}

func (s *Server) getKommunalforbund(c echo.Context) error {
	return s.oneRegion(c, "kommunalforbund", c.Param("id"))
}

func (s *Server) listRegion(c echo.Context, layer, member string) error {
	snapshot, err := s.regionLayer(c, layer)
	if err != nil {
		return err
	}
	list := make([]map[string]any, 0, snapshot.Len())
	for slot := range snapshot.All("") {
		list = append(list, regionFacts(snapshot, slot))
	}
	return c.JSON(http.StatusOK, map[string]any{member: list})
}

func (s *Server) oneRegion(c echo.Context, layer, id string) error {
	snapshot, err := s.regionLayer(c, layer)
	if err != nil {
		return err
	}
	slot, err := featureIn(snapshot, id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, regionFacts(snapshot, slot))
}

func (s *Server) regionLayer(c echo.Context, layer string) (*atlas.Snapshot, error) {
	at, err := s.asOf(c)
	if err != nil {
		return nil, err
	}
	s.showing(c, at)
	return s.layerAt(c, layer, at)
}

// regionFacts gives the attributes, the area and the bounds.
func regionFacts(snapshot *atlas.Snapshot, slot atlas.Slot) map[string]any {
	facts := map[string]any{"id": snapshot.ID(slot), "area_ha": geo.Area(snapshot.Geometry(slot)) / 1e4}
	for i, value := range snapshot.Values(nil, slot) {
		facts[snapshot.Layer().Attributes[i].Name] = value.Plain()
	}
	if b, err := geo.TransformBox(snapshot.Box(slot), geo.House, geo.CRS84); err == nil {
		facts["bbox"] = [4]float64{b.MinX, b.MinY, b.MaxX, b.MaxY}
	}
	return facts
}
