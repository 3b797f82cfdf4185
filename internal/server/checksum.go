package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// checksumAnswer lets verify compare this node's atlas with the database.
type checksumAnswer struct {
	Layer    string        `json:"layer"`
	Revision plan.Revision `json:"revision"`
	atlas.Checksum
}

func (s *Server) getChecksum(c echo.Context) error {
	at, err := s.asOf(c)
	if err != nil {
		return err
	}
	snapshot, err := s.storedAt(c, c.Param("layer"), at)
	if err != nil {
		return err
	}
	s.showing(c, at)
	return c.JSON(http.StatusOK, checksumAnswer{snapshot.Layer().ID, snapshot.Revision(), snapshot.Checksum()})
}
