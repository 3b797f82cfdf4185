package server

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// maySeeDrafts reports whether who asks may see layers that are not published.
func maySeeDrafts(c echo.Context) bool { return principal(c).Role.Allows(plan.Viewer) }

// layerAt gives the layer, stored or derived, as it was at the revision, 0 for now, for who asks.
func (s *Server) layerAt(c echo.Context, id string, at plan.Revision) (*atlas.Snapshot, error) {
	if snapshot, err := s.derivedAt(c, id, at); snapshot != nil || err != nil {
		return snapshot, err
	}
	return s.storedAt(c, id, at)
}

// storedAt gives a layer that is stored as it was at the revision, 0 for now, for who asks. Without a token that is what
// was published then, of a layer that is published now: what has been hidden since stays hidden.
func (s *Server) storedAt(c echo.Context, id string, at plan.Revision) (*atlas.Snapshot, error) {
	current, err := s.view(c).Layer(id)
	if at == 0 || err != nil && !maySeeDrafts(c) {
		return current, err
	}
	was, err := s.atlas.Snapshot(c.Request().Context(), id, at)
	if err == nil && was.Layer().Status != plan.Published && !maySeeDrafts(c) {
		return nil, plan.Errorf(plan.NotFound, id, "there was no layer %q at revision %d", id, at)
	}
	return was, err
}

// viewAt gives the picture at the revision, 0 for now, for who asks.
func (s *Server) viewAt(c echo.Context, at plan.Revision) (*atlas.View, error) {
	if at == 0 {
		return s.view(c), nil
	}
	was, err := s.atlas.ViewAt(c.Request().Context(), at)
	if err == nil && !maySeeDrafts(c) {
		was = was.PublishedIn(s.atlas.View())
	}
	return was, err
}

// asOf reads which revision is asked for: by its number, or by an instant at which it was current; 0 for now.
func (s *Server) asOf(c echo.Context) (plan.Revision, error) {
	revision, err := revisionParam(c.QueryParam("revision"), "revision")
	if err != nil || c.QueryParam("at") == "" {
		return revision, err
	}
	at, err := time.Parse(time.RFC3339Nano, c.QueryParam("at"))
	if err != nil {
		return 0, plan.Errorf(plan.Invalid, "at", "at=%q is not an instant like 2026-11-22T10:00:00Z (RFC 3339, with a time zone; write + as %%2B)", c.QueryParam("at"))
	}
	return s.revisionAt(c, revision, at)
}

// clockSkew is how far ahead of ours a client's clock may be.
const clockSkew = time.Minute

// revisionAt gives the revision that was current at the instant; the one that is given when the instant is not.
func (s *Server) revisionAt(c echo.Context, revision plan.Revision, at time.Time) (plan.Revision, error) {
	switch {
	case at.IsZero():
		return revision, nil
	case revision != 0:
		return 0, plan.Errorf(plan.Invalid, "at", "revision and at both say which state is wanted; give one of them")
	case at.After(time.Now().Add(clockSkew)):
		return 0, plan.Errorf(plan.Invalid, "at", "at=%s lies in the future; leave it out for the state now", at.Format(time.RFC3339))
	}
	if err := s.reachable(); err != nil {
		return 0, err
	}
	return s.store.RevisionAt(c.Request().Context(), at)
}

// showing writes which state the answer shows; 0 for now.
func (s *Server) showing(c echo.Context, at plan.Revision) {
	if at == 0 {
		at = s.atlas.View().Revision()
	}
	atRevision(c, at)
}

// viewAsked gives the picture at the revision or instant of the query string, and says so in the answer.
func (s *Server) viewAsked(c echo.Context) (*atlas.View, error) {
	at, err := s.asOf(c)
	if err != nil {
		return nil, err
	}
	view, err := s.viewAt(c, at)
	if err == nil {
		atRevision(c, view.Revision())
	}
	return view, err
}

func revisionParam(text, name string) (plan.Revision, error) {
	if text == "" {
		return 0, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 1 {
		return 0, plan.Errorf(plan.Invalid, name, "%s=%q is not the number of a revision", name, text)
	}
	return plan.Revision(number), nil
}
