package server

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// getHealth says that the process answers.
func (s *Server) getHealth(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok", "version": s.options.Version})
}

// staleAfter is how long the database may be silent before the node is not ready.
const staleAfter = 15 * time.Second

// away reports whether the database has not been heard for too long.
func away(health atlas.Health) bool {
	return health.Problem != nil || (health.Ready && time.Since(health.Synced) > staleAfter)
}

// reachable refuses at once what needs the database, when it is known to be away.
func (s *Server) reachable() error {
	if health := s.atlas.Health(); away(health) {
		return plan.Because(health.Problem, plan.Unavailable, "", "the database does not answer; nothing was written, try again in a moment")
	}
	return nil
}

// getReady says whether the node can answer everything: the atlas is filled and the database is in reach.
func (s *Server) getReady(c echo.Context) error {
	health := s.atlas.Health()
	parts := map[string]string{"atlas": "ok", "database": "ok"}
	status := http.StatusOK
	if !health.Ready {
		parts["atlas"], status = "filling", http.StatusServiceUnavailable
	}
	if away(health) {
		parts["database"], status = "unreachable", http.StatusServiceUnavailable
	}
	answer := map[string]any{"ready": status == http.StatusOK, "parts": parts, "revision": s.atlas.View().Revision()}
	if !health.Ready {
		answer["features_loaded"] = health.Loaded
	}
	return c.JSON(status, answer)
}
