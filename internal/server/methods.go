package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
)

// method is one that a path answers, and the least role that it takes.
type method struct {
	name string
	role plan.Role
}

// writes reports whether the method changes anything (RFC 9110, 9.2.1).
func (m method) writes() bool {
	return m.name != http.MethodGet && m.name != http.MethodHead && m.name != http.MethodOptions
}

// methodsOf gives the methods of every path; every GET answers HEAD too (RFC 9110, 9.3.2), and everything OPTIONS.
func methodsOf(routes []route) map[string][]method {
	methods := map[string][]method{}
	for _, r := range routes {
		methods[r.path] = append(methods[r.path], method{r.method, r.role})
		if r.method == http.MethodGet {
			methods[r.path] = append(methods[r.path], method{http.MethodHead, r.role})
		}
	}
	for path, known := range methods {
		if !slices.ContainsFunc(known, func(m method) bool { return m.name == http.MethodOptions }) {
			methods[path] = append(known, method{http.MethodOptions, plan.Anonymous})
		}
	}
	return methods
}

// allow tells in the answer which methods who asks may use on the address. QGIS learns from it whether it may edit a
// layer: what a token may not do is not offered.
func (s *Server) allow(c echo.Context) {
	have, derived := principal(c).Role, s.derived(c.Param("layer")) != nil
	var names []string
	for _, m := range s.methods[c.Path()] {
		if have.Allows(m.role) && !(derived && m.writes()) {
			names = append(names, m.name)
		}
	}
	slices.Sort(names)
	c.Response().Header().Set(echo.HeaderAllow, strings.Join(names, ", "))
}

// onlyStored refuses to change a derived layer, whoever asks.
func (s *Server) onlyStored(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.derived(c.Param("layer")) != nil {
			return plan.Errorf(plan.NotAllowed, c.Param("layer"), "layer %q is derived from others and can only be read; change those", c.Param("layer"))
		}
		return next(c)
	}
}

// tellMethods answers what may be done with the address, to whomever (Part 4, 6.6): no login is asked for, and no feature
// need be there.
func (s *Server) tellMethods(c echo.Context) error {
	s.allow(c)
	header := c.Response().Header()
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set(echo.HeaderVary, echo.HeaderAuthorization)
	allowed := header.Get(echo.HeaderAllow)
	if strings.HasPrefix(c.Path(), "/ogc/") && strings.Contains(allowed, http.MethodPost) {
		header.Set("Accept-Post", strings.Join(featureBodies, ", "))
	}
	if strings.HasPrefix(c.Path(), "/ogc/") && strings.Contains(allowed, http.MethodPatch) {
		header.Set("Accept-Patch", strings.Join(patchBodies, ", ")) // RFC 5789, 3.1
	}
	return c.NoContent(http.StatusOK)
}
