package server

import (
	"context"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// Warm computes the standing conflicts after each revision and each new version of the rules, so that no reader waits for
// them, until ctx ends.
func (s *Server) Warm(ctx context.Context) {
	var last *atlas.View
	var by *plan.Ruleset
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		if view := s.atlas.View(); (view != last || s.rules.Current() != by) && s.atlas.Health().Ready {
			last, by = view, s.rules.Current()
			s.warm(ctx, s.engine.By(by), view)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// warm computes for those who see drafts, and for those who don't; the second finds nearly all in the first.
func (s *Server) warm(ctx context.Context, engine *conflict.Engine, view *atlas.View) {
	standing, err := engine.Standing(ctx, view)
	if err == nil {
		s.metrics.conflicts(standing)
		_, err = engine.Standing(ctx, view.Published())
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("the standing conflicts could not be computed", "revision", view.Revision(), "error", err)
	}
}
