package server

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// asked gives the picture and the rules that the request names.
func (s *Server) asked(c echo.Context) (*atlas.View, *conflict.Engine, error) {
	view, err := s.viewAsked(c)
	if err != nil {
		return nil, nil, err
	}
	engine, err := s.conflicts(c)
	return view, engine, err
}

// getLucis tells how much of each municipality has each code.
func (s *Server) getLucis(c echo.Context) error {
	view, engine, err := s.asked(c)
	if err != nil {
		return err
	}
	l, err := engine.Lucis(c.Request().Context(), view)
	if err != nil {
		return err
	}
	rows, err := l.Rows(groupingAsked(c), stackFilter(c))
	if err != nil {
		return err
	}
	return answerClasses(c, l.Stack, rows)
}

// getSymphony tells the sum of each municipality.
func (s *Server) getSymphony(c echo.Context) error {
	view, engine, err := s.asked(c)
	if err != nil {
		return err
	}
	sum, err := engine.Symphony(c.Request().Context(), view)
	if err != nil {
		return err
	}
	rows, err := sum.Rows(groupingAsked(c), stackFilter(c))
	if err != nil {
		return err
	}
	return answerClasses(c, sum.Stack, rows)
}

func answerClasses[T any](c echo.Context, of *conflict.Stack, rows []T) error {
	unknown, total := of.NotMeasured()
	return c.JSON(http.StatusOK, map[string]any{"revision": of.Revision(), "ruleset": of.Ruleset(), "by": groupingAsked(c), "rows": rows,
		"without_area": of.Flat(), "not_measured": unknown, "not_measured_total": total})
}

// stateOfPlace names what an answer about a place is of and by.
type stateOfPlace struct {
	Revision plan.Revision   `json:"revision"`
	Ruleset  plan.RulesetRef `json:"ruleset"`
}

// getLucisAt tells the code of one place, and why.
func (s *Server) getLucisAt(c echo.Context) error {
	x, y, err := placeAsked(c)
	if err != nil {
		return err
	}
	view, engine, err := s.asked(c)
	if err != nil {
		return err
	}
	place, err := engine.LucisAt(c.Request().Context(), view, x, y)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		stateOfPlace
		*plan.LucisPlace
	}{stateOfPlace{view.Revision(), engine.Ruleset().Ref()}, place})
}

// getSymphonyAt tells the sum of one place, and what it is made of.
func (s *Server) getSymphonyAt(c echo.Context) error {
	x, y, err := placeAsked(c)
	if err != nil {
		return err
	}
	view, engine, err := s.asked(c)
	if err != nil {
		return err
	}
	place, err := engine.SymphonyAt(c.Request().Context(), view, x, y)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		stateOfPlace
		*plan.SymphonyPlace
	}{stateOfPlace{view.Revision(), engine.Ruleset().Ref()}, place})
}

// exportClasses answers with the codes, or the classes of the sum, as polygons in a file.
func (s *Server) exportClasses(layer string) echo.HandlerFunc {
	return func(c echo.Context) error {
		view, engine, err := s.asked(c)
		if err != nil {
			return err
		}
		snapshot, err := engine.ClassLayer(c.Request().Context(), view, layer, stackFilter(c))
		if err != nil {
			return err
		}
		return s.exportPlaces(c, snapshot, fmt.Sprintf("%s-r%d", layer, view.Revision()))
	}
}

// exportPlaces answers with a layer that was made for the request as a file of that name.
func (s *Server) exportPlaces(c echo.Context, snapshot *atlas.Snapshot, name string) error {
	parameters := url.Values{}
	for _, parameter := range fileParameters {
		if c.QueryParam(parameter) != "" {
			parameters.Set(parameter, c.QueryParam(parameter))
		}
	}
	file, err := exportFile(parameters, snapshot)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentType, file.Format.MediaType)
	name += file.Format.Extension
	if c.Request().Method == http.MethodHead {
		c.Response().Header().Set(echo.HeaderContentDisposition, attached(name))
		return c.NoContent(http.StatusOK)
	}
	return s.export(c, file, name)
}
