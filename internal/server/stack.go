package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/conflict"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// claimNumbers are the attributes of a claim that have a parameter of their own.
var claimNumbers = []string{"total_height", "rotor_diameter", "hub_height"}

// claimHa is the area of a claim in hectares when the request does not say: room for one turbine.
const claimHa = 1

// stackQuery reads the land use with its attributes; the contract has checked the numbers.
func stackQuery(c echo.Context) (plan.StackQuery, error) {
	q, err := claimAsked(c, "")
	q.LandUse = c.QueryParam("land_use")
	if q.AreaHa == 0 {
		q.AreaHa = claimHa
	}
	return q, err
}

// claimAsked reads what the parameters that begin so say of a claim. Its area is 0 when they don't.
func claimAsked(c echo.Context, prefix string) (plan.StackQuery, error) {
	q := plan.StackQuery{Attributes: map[string]plan.Value{}}
	q.AreaHa, _ = strconv.ParseFloat(c.QueryParam(prefix+"area_ha"), 64) // the contract has checked it
	for _, name := range claimNumbers {
		if number, err := strconv.ParseFloat(c.QueryParam(prefix+name), 64); err == nil {
			q.Attributes[name] = plan.NumberValue(number)
		}
	}
	for _, text := range c.QueryParams()[prefix+"attribute"] {
		name, value, _ := strings.Cut(text, ":")
		if _, twice := q.Attributes[name]; twice {
			return q, plan.Errorf(plan.Invalid, prefix+"attribute", "the attribute %s is given twice", name)
		}
		q.Attributes[name] = plainValue(value)
	}
	return q, nil
}

// plainValue reads true, false, a number or else a text.
func plainValue(text string) plan.Value {
	if text == "true" || text == "false" {
		return plan.BooleanValue(text == "true")
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return plan.NumberValue(number)
	}
	return plan.TextValue(text)
}

// stack gives the stack that the request asks about.
func (s *Server) stack(c echo.Context) (*conflict.Stack, plan.StackQuery, error) {
	q, err := stackQuery(c)
	if err != nil {
		return nil, q, err
	}
	view, err := s.viewAsked(c)
	if err != nil {
		return nil, q, err
	}
	engine, err := s.conflicts(c)
	if err != nil {
		return nil, q, err
	}
	stack, err := engine.Stack(c.Request().Context(), view, q)
	return stack, q, err
}

func stackFilter(c echo.Context) conflict.StackFilter {
	return conflict.StackFilter{Kommun: c.QueryParam("kommun"), Kommunalforbund: c.QueryParam("kommunalforbund"),
		Colour: plan.Colour(c.QueryParam("colour")), ByArea: c.QueryParam("order") == "area"}
}

func (s *Server) getStack(c echo.Context) error {
	stack, q, err := s.stack(c)
	if err != nil {
		return err
	}
	by := groupingAsked(c)
	rows, err := stack.Rows(by, stackFilter(c))
	if err != nil {
		return err
	}
	unknown, total := stack.NotMeasured()
	return c.JSON(http.StatusOK, map[string]any{"revision": stack.Revision(), "ruleset": stack.Ruleset(), "land_use": q.LandUse, "theme": stack.Theme(),
		"area_ha": q.AreaHa, "by": by, "rows": rows, "without_area": stack.Flat(), "not_measured": unknown, "not_measured_total": total})
}

// combinationsListed is how many combinations a page has when the request does not say.
const combinationsListed = 100

func (s *Server) getStackCombinations(c echo.Context) error {
	stack, q, err := s.stack(c)
	if err != nil {
		return err
	}
	filter := stackFilter(c)
	filter.Limit = combinationsListed
	if limit, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		filter.Limit = limit
	}
	filter.From, _ = strconv.Atoi(c.QueryParam("from")) // the contract has checked it
	page, matched, err := stack.Combinations(filter)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if next := filter.From + len(page); next < matched {
		query := c.Request().URL.Query()
		query.Set("from", strconv.Itoa(next))
		query.Set("revision", strconv.FormatInt(int64(stack.Revision()), 10)) // so that pages belong together
		query.Del("at")
		links = append(links, map[string]string{"rel": "next", "href": s.base(c) + api + "/stack/combinations?" + query.Encode()})
	}
	return c.JSON(http.StatusOK, map[string]any{"revision": stack.Revision(), "ruleset": stack.Ruleset(), "land_use": q.LandUse,
		"combinations": page, "matched": matched, "links": links})
}

func (s *Server) getStackAt(c echo.Context) error {
	q, err := stackQuery(c)
	if err != nil {
		return err
	}
	x, y, err := placeAsked(c)
	if err != nil {
		return err
	}
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	engine, err := s.conflicts(c)
	if err != nil {
		return err
	}
	place, err := engine.At(c.Request().Context(), view, q, x, y)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		Revision plan.Revision   `json:"revision"`
		Ruleset  plan.RulesetRef `json:"ruleset"`
		LandUse  string          `json:"land_use"`
		*plan.StackPlace
	}{view.Revision(), engine.Ruleset().Ref(), q.LandUse, place})
}

// placeAsked reads a point, east first, into the house's coordinates.
func placeAsked(c echo.Context) (x, y float64, err error) {
	crs := geo.House
	if name := c.QueryParam("crs"); name != "" {
		if crs, err = geo.ParseCRS(name); err != nil {
			return 0, 0, err
		}
	}
	at := []float64{0, 0}
	at[0], _ = strconv.ParseFloat(c.QueryParam("x"), 64) // the contract has checked them
	at[1], _ = strconv.ParseFloat(c.QueryParam("y"), 64)
	if err := crs.WithXYOrder().ToHouse(at); err != nil {
		return 0, 0, plan.Because(err, plan.Invalid, "x", "the place can't be converted to SWEREF 99 TM: "+err.Error())
	}
	return at[0], at[1], nil
}

// fileParameters are those of a request for a stack that say how the file is to be; the others say what is in it.
var fileParameters = []string{"f", "crs", "bbox", "bbox-crs"}

// getStackExport answers with the stack as polygons in a file.
func (s *Server) getStackExport(c echo.Context) error {
	stack, _, err := s.stack(c)
	if err != nil {
		return err
	}
	layer := "stack"
	if c.QueryParam("detail") == "combination" {
		layer = "stack_combination"
	}
	snapshot, err := stack.Layer(layer, stackFilter(c))
	if err != nil {
		return err
	}
	return s.exportPlaces(c, snapshot, fmt.Sprintf("%s-%s-r%d", layer, c.QueryParam("land_use"), stack.Revision()))
}
