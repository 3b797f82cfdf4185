package server

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// preference gives the value of what the client prefers (RFC 7240, 2); "" when it does not say.
func preference(c echo.Context, name string) string {
	for _, header := range c.Request().Header.Values("Prefer") {
		for preferred := range strings.SplitSeq(header, ",") {
			preferred, _, _ = strings.Cut(preferred, ";") // parameters of a preference
			key, value, _ := strings.Cut(preferred, "=")
			if strings.EqualFold(strings.TrimSpace(key), name) {
				return strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`))
			}
		}
	}
	return ""
}

// applied tells the client that its preference was followed (RFC 7240, 3).
func preferenceApplied(c echo.Context, name, value string) {
	c.Response().Header().Add("Preference-Applied", name+"="+value)
}

// lenient reports whether the client would rather have what it doesn't get right passed over than refused. Strict, which
// is also how everybody is treated who doesn't say, is told.
func lenient(c echo.Context) bool {
	handling := preference(c, "handling")
	if handling == "strict" || handling == "lenient" {
		preferenceApplied(c, "handling", handling)
	}
	return handling == "lenient"
}
