package server

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// cors lets web maps on other hosts read, whoever they are, and those on the list also send tokens and write. Nobody is
// let use credentials that the browser holds.
func cors(origins []string) echo.MiddlewareFunc {
	readers := middleware.CORSConfig{
		AllowOrigins: []string{"*"},
		AllowMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
		AllowHeaders: []string{echo.HeaderContentType, echo.HeaderAccept, "If-None-Match", "Prefer"},
		ExposeHeaders: []string{revisionHeader, collisionHeader, "ETag", "Link", "Content-Crs", "OGC-NumberMatched", "OGC-NumberReturned", "Preference-Applied", echo.HeaderLocation,
			echo.HeaderAllow, echo.HeaderContentDisposition, echo.HeaderXRequestID},
		MaxAge: 86400,
	}
	writers := readers
	writers.AllowOrigins = origins
	writers.AllowMethods = append(slices.Clone(readers.AllowMethods), http.MethodPut, http.MethodPatch, http.MethodDelete)
	writers.AllowHeaders = append(slices.Clone(readers.AllowHeaders), echo.HeaderAuthorization, "If-Match", "If-Unmodified-Since", "Content-Crs", "Idempotency-Key", baseHeader)
	listed := func(c echo.Context) bool { return slices.Contains(origins, c.Request().Header.Get(echo.HeaderOrigin)) }
	readers.Skipper = func(c echo.Context) bool { return noCORS(c) || listed(c) }
	writers.Skipper = func(c echo.Context) bool { return noCORS(c) || !listed(c) }
	read := middleware.CORSWithConfig(readers)
	if len(origins) == 0 {
		return read
	}
	write := middleware.CORSWithConfig(writers)
	return func(next echo.HandlerFunc) echo.HandlerFunc { return read(write(next)) }
}

// noCORS reports whether the request does not come from a page of another host, or is an OPTIONS of its own.
func noCORS(c echo.Context) bool {
	header := c.Request().Header
	return header.Get(echo.HeaderOrigin) == "" || c.Request().Method == http.MethodOptions && header.Get(echo.HeaderAccessControlRequestMethod) == ""
}
