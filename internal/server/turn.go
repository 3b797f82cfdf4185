package server

import (
	"fmt"
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/conflict"
	"strukturbild/internal/export"
	"strukturbild/internal/geo"
	"strukturbild/internal/report"
)

// getStackComparison tells what has turned green, yellow or red from one state to another: of another revision, by other
// rules, or for other attributes.
func (s *Server) getStackComparison(c echo.Context) error {
	turn, err := s.turn(c)
	if err != nil {
		return err
	}
	by, filter := groupingAsked(c), stackFilter(c)
	rows, err := turn.Rows(by, filter)
	if err != nil {
		return err
	}
	total, err := turn.Total(filter)
	if err != nil {
		return err
	}
	atRevision(c, turn.After.Revision())
	if c.QueryParam("f") == "csv" {
		style := export.Table{Semicolon: c.QueryParam("separator") == "semicolon", Mark: c.QueryParam("bom") == "true"}
		c.Response().Header().Set(echo.HeaderContentType, export.CSV.MediaType)
		name := fmt.Sprintf("stack-%s-r%d-r%d%s", c.QueryParam("land_use"), turn.Before.Revision(), turn.After.Revision(), export.CSV.Extension)
		return s.export(c, export.File{Format: export.CSV, CRS: geo.House, Table: style, Layers: []export.Layer{report.TurnTable("stack", "Vad som bytt färg", rows)}}, name)
	}
	unknown, unmeasured := turn.NotMeasured()
	return c.JSON(http.StatusOK, map[string]any{"land_use": c.QueryParam("land_use"), "from": turn.Before.State(), "to": turn.After.State(),
		"by": by, "rows": rows, "total": total, "not_measured": unknown, "not_measured_total": unmeasured})
}

// turn gives the two states that the request asks about. Attributes hold for both; those with from_ for the first alone.
func (s *Server) turn(c echo.Context) (*conflict.Turn, error) {
	later, err := stackQuery(c)
	if err != nil {
		return nil, err
	}
	earlier := later
	earlier.Attributes = maps.Clone(later.Attributes)
	first, err := claimAsked(c, "from_")
	if err != nil {
		return nil, err
	}
	maps.Copy(earlier.Attributes, first.Attributes)
	if first.AreaHa != 0 {
		earlier.AreaHa = first.AreaHa
	}
	was, from, err := s.state(c, "from")
	if err != nil {
		return nil, err
	}
	is, to, err := s.state(c, "to")
	if err != nil {
		return nil, err
	}
	return from.CompareStacks(c.Request().Context(), was, earlier, to, is, later)
}

// groupingAsked is what the rows are: municipalities when the request does not say.
func groupingAsked(c echo.Context) conflict.Grouping {
	if by := c.QueryParam("by"); by != "" {
		return conflict.Grouping(by)
	}
	return conflict.ByKommun
}
