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
	snapshot, err := s.snapshot(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, checksumAnswer{snapshot.Layer().ID, snapshot.Revision(), snapshot.Checksum()})
}
